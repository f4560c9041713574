"""Read-only permission: whoever may only read makes, says and judges nothing, neither in chats nor anywhere else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from domain.accounts.sessions import Caller
from domain.characters.characters import Characters
from domain.characters.drafts import NEW, Drafts
from domain.characters.duplicate_restore import DuplicateRestore
from domain.characters.favourites import Favourites
from domain.characters.votes import Votes
from domain.characters.writing_help import WritingHelp
from domain.characters.writing_prompt import WritingTask
from domain.errors import AppError, Blocked, NotAllowed, NotFound, ReadOnly
from domain.llm.concurrency import ModelConcurrency
from domain.llm.demo.model import DemoModel
from domain.moderation.measure import MeasureKind
from domain.moderation.reports import Complaint, Reports
from domain.pictures.photos import Photos
from domain.rate_limits import RateLimiter
from tests.domain.admin.office import Office
from tests.domain.conftest import filled
from tests.domain.pictures.photos import a_photo


@dataclass
class Author:
    """Somebody with a character, and with one that they deleted."""

    caller: Caller
    character_id: int
    deleted_id: int


async def an_author(office: Office, characters: Characters) -> Author:
    caller = await office.house.somebody()
    kept, gone = [(await characters.save(caller, filled())).id for _ in range(2)]
    await characters.delete(caller, gone)
    return Author(caller, kept, gone)


async def refused(deeds: dict[str, Callable[[Author], Awaitable[object]]], who: Author) -> dict[str, type[AppError]]:
    found: dict[str, type[AppError]] = {}
    for name, deed in deeds.items():
        try:
            await deed(who)
        except AppError as error:
            found[name] = type(error)
    return found


async def test_only_who_may_write_copies_drafts_stars_votes_reports_uploads_and_asks_for_help(
    office: Office, characters: Characters, photos: Photos, limits: RateLimiter
) -> None:
    database = office.database
    other = await an_author(office, characters)
    copies, help_ = (
        DuplicateRestore(database, photos, limits),
        WritingHelp(database, DemoModel(), ModelConcurrency(1), limits),
    )
    reports = Reports(database, office.house.bus, limits)
    deeds: dict[str, Callable[[Author], Awaitable[object]]] = {
        "make": lambda who: characters.save(who.caller, filled()),
        "change": lambda who: characters.save(who.caller, filled(id=who.character_id, name="Вера")),
        "copy": lambda who: copies.duplicate(who.caller, who.character_id),
        "bring back": lambda who: copies.restore(who.caller, who.deleted_id),
        "draft": lambda who: Drafts(database, limits).save(who.caller, NEW, {"name": "Мар"}),
        "star": lambda who: Favourites(database).set_favourite(who.caller, other.character_id, favourite=True),
        "vote": lambda who: Votes(database).rate(who.caller, other.character_id, 10),
        "report": lambda who: reports.file(who.caller, other.character_id, Complaint.SPAM, ""),
        "upload": lambda who: photos.store(who.caller, a_photo()),
        "ask for help": lambda who: help_.ask(who.caller, filled(), "bio", WritingTask.WRITE),
    }
    admin = await office.admin()
    free, reader, blocked = [await an_author(office, characters) for _ in range(3)]
    await office.take(admin, reader.caller, MeasureKind.READ_ONLY)
    await office.block(admin, blocked.caller)
    assert await refused(deeds, free) == {"vote": NotAllowed}, "they have not talked with it"
    assert await refused(deeds, reader) == dict.fromkeys(deeds, ReadOnly)
    assert await refused(deeds, blocked) == dict.fromkeys(deeds, Blocked)


async def test_a_blocked_person_sees_their_own_picture_and_nobody_elses(office: Office, photos: Photos) -> None:
    rowdy, other = await office.house.somebody(), await office.house.somebody()
    own, foreign = [await photos.store(who, a_photo()) for who in (rowdy, other)]
    await office.block(await office.admin(), rowdy)
    await photos.check(rowdy, own)
    with pytest.raises(NotFound):
        await photos.check(rowdy, foreign)
