"""Read-only permission: whoever may only read creates, says and rates nothing, neither in chats nor elsewhere."""

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
from domain.chat.message_marks import MessageMarks
from domain.errors import AppError, Blocked, NotAllowed, NotFound, ReadOnly
from domain.llm.concurrency import ModelConcurrency
from domain.llm.demo.model import DemoModel
from domain.model.dialog import Feedback
from domain.moderation.measure import MeasureKind
from domain.moderation.reports import Complaint, Reports
from domain.pictures.photos import Photos
from domain.rate_limits import RateLimiter
from tests.domain.admin.admin_world import AdminWorld
from tests.domain.conftest import filled
from tests.domain.pictures.photos import a_photo


@dataclass
class Author:
    """A person with a character, and with one that they deleted."""

    caller: Caller
    character_id: int
    deleted_id: int


async def an_author(admin_world: AdminWorld, characters: Characters) -> Author:
    caller = await admin_world.world.somebody()
    kept, gone = [(await characters.save(caller, filled())).id for _ in range(2)]
    await characters.delete(caller, gone)
    return Author(caller, kept, gone)


async def refused(actions: dict[str, Callable[[Author], Awaitable[object]]], who: Author) -> dict[str, type[AppError]]:
    found: dict[str, type[AppError]] = {}
    for name, action in actions.items():
        try:
            await action(who)
        except AppError as error:
            found[name] = type(error)
    return found


async def test_only_who_may_write_copies_drafts_stars_votes_reports_uploads_and_asks_for_help(
    admin_world: AdminWorld, characters: Characters, photos: Photos, limits: RateLimiter
) -> None:
    database = admin_world.database
    other = await an_author(admin_world, characters)
    copies, help_ = (
        DuplicateRestore(database, photos, limits),
        WritingHelp(database, DemoModel(), ModelConcurrency(1), limits),
    )
    reports = Reports(database, admin_world.world.bus, limits)
    actions: dict[str, Callable[[Author], Awaitable[object]]] = {
        "make": lambda who: characters.save(who.caller, filled()),
        "change": lambda who: characters.save(who.caller, filled(id=who.character_id, name="Вера")),
        "copy": lambda who: copies.duplicate(who.caller, who.character_id),
        "delete": lambda who: characters.delete(who.caller, who.character_id),
        "bring back": lambda who: copies.restore(who.caller, who.deleted_id),
        "draft": lambda who: Drafts(database, limits).save(who.caller, NEW, {"name": "Мар"}),
        "star": lambda who: Favourites(database).set_favourite(who.caller, other.character_id, favourite=True),
        "vote": lambda who: Votes(database).rate(who.caller, other.character_id, 10),
        "report": lambda who: reports.file(who.caller, other.character_id, Complaint.SPAM, ""),
        "upload": lambda who: photos.store(who.caller, a_photo()),
        "ask for help": lambda who: help_.ask(who.caller, filled(), "bio", WritingTask.WRITE),
    }
    admin = await admin_world.admin()
    free, reader, blocked = [await an_author(admin_world, characters) for _ in range(3)]
    await admin_world.take(admin, reader.caller, MeasureKind.READ_ONLY)
    await admin_world.block(admin, blocked.caller)
    assert await refused(actions, free) == {"vote": NotAllowed}, "they have not talked with it"
    assert await refused(actions, reader) == dict.fromkeys(actions, ReadOnly)
    assert await refused(actions, blocked) == dict.fromkeys(actions, Blocked)


async def test_who_may_only_read_leaves_their_chats_as_they_are(admin_world: AdminWorld) -> None:
    """Chats are what a measure is about."""
    world, admin = admin_world.world, await admin_world.admin()
    reader = await world.somebody()
    dialog = await world.dialog(reader)
    await world.chat.send(reader, dialog, "Гадость.", "1")
    reply = await world.ended(reader, dialog)
    said = reply.parent_id
    assert said
    marks = MessageMarks(admin_world.database, world.bus)
    await admin_world.take(admin, reader, MeasureKind.READ_ONLY)
    actions: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: world.dialogs.rename(reader, dialog, "Ничего не было"),
        lambda: world.branches.delete(reader, said),
        lambda: world.dialogs.delete(reader, dialog),
        lambda: marks.hide(reader, said, hidden=True),
        lambda: marks.rate(reader, reply.id, Feedback.DOWN),
    )
    for action in actions:
        with pytest.raises(ReadOnly):
            await action()
    assert [line.name for line in await world.dialogs.list_own(reader)] == ["Марина"]
    await world.dialogs.pin(reader, dialog, pinned=True)


async def test_a_blocked_person_sees_their_own_picture_and_nobody_elses(
    admin_world: AdminWorld, photos: Photos
) -> None:
    rowdy, other = await admin_world.world.somebody(), await admin_world.world.somebody()
    own, foreign = [await photos.store(who, a_photo()) for who in (rowdy, other)]
    await admin_world.block(await admin_world.admin(), rowdy)
    await photos.check(rowdy, own)
    with pytest.raises(NotFound):
        await photos.check(rowdy, foreign)
