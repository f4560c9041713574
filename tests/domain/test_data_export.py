"""Data export: one archive with everything that a person has, for them alone, blocked or not."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC
from zipfile import ZipFile

import pytest
from sqlmodel import col, select

from domain.accounts.sessions import Caller
from domain.accounts.sessions_list import SessionList
from domain.books.book_entries import BookEntries
from domain.books.books import Books
from domain.books.entry_form import EntryForm
from domain.cards.card_export import CardExport
from domain.cards.read_card import read_card
from domain.cards.workers import Workers
from domain.characters.characters import Characters
from domain.chat.dialogs import Dialogs
from domain.chat.transcript.saved_dialog import read_json
from domain.data_export import IN_PROFILE, DataExport
from domain.errors import Busy, RateLimited, SignedOut
from domain.language import Texts
from domain.model.dialog import Dialog
from domain.model.user import User
from domain.pictures.avatars import Avatars
from domain.pictures.photos import Photos
from domain.rate_limits import InMemory, RateLimiter
from storage.bus import Bus
from storage.database import Database
from tests.domain.conftest import filled, talked
from tests.domain.pictures.photos import a_photo

RU = Texts("ru")


@pytest.fixture
def limits() -> RateLimiter:
    return RateLimiter(InMemory(), {"data_exports": 3})


@pytest.fixture
def export(database: Database, bus: Bus, photos: Photos, limits: RateLimiter, workers: Workers) -> DataExport:
    cards = CardExport(database, photos, limits, workers)
    return DataExport(database, Dialogs(database, bus, limits), photos, cards, limits)


async def archive(pieces: AsyncIterator[bytes]) -> dict[str, bytes]:
    whole = ZipFile(io.BytesIO(b"".join([each async for each in pieces])))
    assert whole.testzip() is None
    return {name: whole.read(name) for name in whole.namelist()}


NOT_TOLD = {
    *("id", "email_key", "username_key", "password_hash", "picture_token"),  # internal, or in it otherwise
    *("is_trial", "is_admin", "is_blocked", "is_hidden", "is_read_only", "read_only_until"),  # told by notices
    *("daily_tokens", "used_before", "used_before_until", "deleted_at"),
}


def test_the_profile_is_told_whole() -> None:
    assert set(User.model_fields) - set(IN_PROFILE) == NOT_TOLD


async def test_everything_is_in_it_and_nothing_of_others(
    export: DataExport, characters: Characters, photos: Photos, avatars: Avatars, database: Database, ira: Caller,
    boris: Caller,
) -> None:  # fmt: skip
    await avatars.choose(ira, await photos.store(ira, a_photo()))
    portrait = await photos.store(ira, a_photo())
    marina = await characters.save(ira, filled(name="Марина: /море/", context="Тайна.", picture_token=portrait))
    for context in ("Тайна постарше.", "Тайна."):
        await characters.save(ira, filled(id=marina.id, name="Марина: /море/", context=context, picture_token=portrait))
    await characters.delete(ira, (await characters.save(ira, filled(name="Прежняя"))).id)
    peter = await characters.save(boris, filled(name="Пётр", context="Чужая тайна."))
    for person, character in ((ira, peter), (boris, marina)):
        await talked(database, person, character.id)
    files = await archive(await export.begin(ira, UTC, RU))
    [dialog_id] = await own_dialogs(database, ira)
    assert set(files) == {
        *("profile.json", "photo.webp"),
        *(f"characters/{marina.id} Марина море.{kind}" for kind in ("json", "webp", "charx", "versions.json")),
        *(f"chats/{dialog_id} Пётр.{kind}" for kind in ("json", "md")),
    }
    assert json.loads(files["profile.json"])["email"] == "ira@example.org"
    assert json.loads(files[f"characters/{marina.id} Марина море.json"])["context"] == "Тайна."
    card = read_card(files[f"characters/{marina.id} Марина море.charx"])
    assert card.card["data"]["description"] == "Тайна."
    versions = json.loads(files[f"characters/{marina.id} Марина море.versions.json"])
    assert [each["fields"]["context"] for each in versions] == ["Тайна.", "Тайна постарше."]
    assert read_json(files[f"chats/{dialog_id} Пётр.json"]).messages, "it can be imported again"
    assert not any("Чужая тайна" in content.decode(errors="replace") for content in files.values())


async def test_books_and_worlds_are_lorebooks_that_other_programs_read(
    export: DataExport, characters: Characters, database: Database, limits: RateLimiter, ira: Caller, boris: Caller
) -> None:
    books, entries = Books(database, limits), BookEntries(database, limits)
    marina, gone = await characters.save(ira, filled()), await characters.save(ira, filled(name="Прежняя"))
    for character in (marina, gone):
        await books.create_for(ira, character.id)
    world = await books.create_world(ira, "Острова")
    kept = await entries.add(ira, world.id, EntryForm(keys=("кот",), content="Рыжий.", order=7))
    await entries.switch(ira, world.id, [kept.id], on=False)
    thrown_away = await entries.add(ira, world.id, EntryForm(content="Выброшена."))
    await entries.delete(ira, world.id, [thrown_away.id])
    await characters.delete(ira, gone.id)
    await books.create_world(boris, "Чужой")
    files = await archive(await export.begin(ira, UTC, RU))
    told = [name for name in files if name.startswith("books/")]
    assert sorted(name.partition(" ")[2] for name in told) == ["Марина.json", "Острова.json"]
    lorebook = json.loads(files[f"books/{world.id} Острова.json"])
    assert lorebook["spec"] == "lorebook_v3"
    (entry,) = lorebook["data"]["entries"]
    assert (entry["keys"], entry["insertion_order"], entry["enabled"]) == (["кот"], 7, False)


async def own_dialogs(database: Database, person: Caller) -> list[int]:
    async with database.read() as db:
        return list(await db.exec(select(Dialog.id).where(col(Dialog.user_id) == person.user_id)))


async def test_a_blocked_person_may_take_theirs_along_and_nobody_without_a_session(
    export: DataExport, database: Database, bus: Bus, ira: Caller
) -> None:
    async with database.write() as db:
        (await db.get_one(User, ira.user_id)).is_blocked = True
    assert set(await archive(await export.begin(ira, UTC, RU))) == {"profile.json"}
    await SessionList(database, bus).log_out(ira)
    with pytest.raises(SignedOut):
        await export.begin(ira, UTC, RU)


async def test_what_is_deleted_while_it_is_sent_is_left_out_and_the_rest_is_whole(
    export: DataExport, characters: Characters, database: Database, bus: Bus, limits: RateLimiter, ira: Caller
) -> None:
    books, dialogs = Books(database, limits), Dialogs(database, bus, limits)
    kept, gone = [await characters.save(ira, filled(name=name)) for name in ("Марина", "Прежняя")]
    worlds = [await books.create_world(ira, name) for name in ("Острова", "Горы")]
    chats = [await talked(database, ira, kept.id) for _ in range(2)]
    pieces = await export.begin(ira, UTC, RU)
    first = await anext(pieces)
    await characters.delete(ira, gone.id)
    await books.delete(ira, worlds[1].id)
    await dialogs.delete(ira, chats[0])

    async def all_of_it() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces:
            yield piece

    names = (await archive(all_of_it())).keys()
    told = {name.partition("/")[2].partition(".")[0] for name in names if "/" in name}
    assert told == {f"{kept.id} Марина", f"{worlds[0].id} Острова", f"{chats[1]} Марина"}


async def test_whoever_logs_out_gets_no_more_of_it(
    export: DataExport, characters: Characters, database: Database, bus: Bus, ira: Caller
) -> None:
    await characters.save(ira, filled(context="Тайна."))
    pieces = await export.begin(ira, UTC, RU)
    await anext(pieces)
    await SessionList(database, bus).log_out(ira)
    with pytest.raises(SignedOut):
        assert not [piece async for piece in pieces]


async def test_of_two_that_are_asked_for_at_once_one_is_sent(export: DataExport, ira: Caller) -> None:
    asked = await asyncio.gather(*(export.begin(ira, UTC, RU) for _ in range(2)), return_exceptions=True)
    refused = [each for each in asked if isinstance(each, Busy)]
    (sent,) = (each for each in asked if not isinstance(each, BaseException))
    assert len(refused) == 1
    assert await archive(sent)


async def test_one_that_nobody_reads_holds_up_no_other(export: DataExport, ira: Caller) -> None:
    """A browser may be gone before the first byte is sent."""

    async def is_refused() -> bool:
        try:
            return not await archive(await export.begin(ira, UTC, RU))
        except Busy:
            return True

    await export.begin(ira, UTC, RU)
    async with asyncio.timeout(60):
        while await is_refused():  # noqa: ASYNC110 - what nobody holds any more is ended by the event loop, soon
            await asyncio.sleep(0.01)


async def test_one_at_a_time_and_so_many_an_hour(export: DataExport, ira: Caller, boris: Caller) -> None:
    first = await export.begin(ira, UTC, RU)
    await anext(first)
    with pytest.raises(Busy):
        await export.begin(ira, UTC, RU)
    assert await archive(await export.begin(boris, UTC, RU))
    assert isinstance(first, AsyncGenerator)
    await first.aclose()  # as when the browser goes away
    for _number in range(2):
        assert await archive(await export.begin(ira, UTC, RU))
    with pytest.raises(RateLimited):
        await export.begin(ira, UTC, RU)
