"""Quotas: how much one person may keep in all, and how often they may add to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from domain.accounts.sessions import Caller
from domain.characters.characters import Characters
from domain.characters.drafts import NEW, Drafts
from domain.characters.duplicate_restore import DuplicateRestore
from domain.characters.gallery import Gallery
from domain.characters.gallery_query import GalleryQuery
from domain.chat.ask import ReplyRequests
from domain.chat.chat import Chat
from domain.chat.dialogs import Dialogs
from domain.chat.replies.reply_writer import ReplyWriter
from domain.chat.transcript.export import as_json
from domain.chat.transcript.saved_dialog import SavedDialog, read_json
from domain.clock import now
from domain.errors import RateLimited
from domain.llm.demo.model import DemoModel
from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.model.picture import Picture
from domain.pictures.photos import Photos
from domain.quotas import QuotaReached
from domain.rate_limits import QUOTAS, InMemory, RateLimiter
from storage.bus import Bus
from storage.database import Database
from storage.fair_queue import acting_for
from storage.files import Files
from tests.conftest import UNLIMITED
from tests.domain.conftest import files_below, filled
from tests.domain.pictures.photos import a_photo


@dataclass
class Desk:
    """Everything that adds to what a person keeps, counted by one table."""

    database: Database
    chat: Chat
    exchange: ReplyRequests
    dialogs: Dialogs
    characters: Characters
    copies: DuplicateRestore
    drafts: Drafts
    gallery: Gallery
    photos: Photos
    reply_writer: ReplyWriter

    async def saved(self, person: Caller, character_id: int) -> SavedDialog:
        """A conversation of one message, as read from a file."""
        transcript = await self.dialogs.transcript(person, await self.chat.begin(person, character_id))
        return read_json("".join(as_json(transcript)).encode())


def desk_with(database: Database, files: Files, times: dict[str, int]) -> Desk:
    limits, bus = RateLimiter(InMemory(), UNLIMITED | times), Bus()
    photos = Photos(database, files, limits)
    reply_writer = ReplyWriter(database, bus, DemoModel(pause=0), limits, places=5)
    chat = Chat(database, bus, reply_writer)
    return Desk(
        database,
        chat,
        ReplyRequests(database, bus, reply_writer, chat),
        Dialogs(database, bus, limits),
        Characters(database, photos, limits),
        DuplicateRestore(database, photos, limits),
        Drafts(database, limits),
        Gallery(database, limits),
        photos,
        reply_writer,
    )


@pytest.fixture
async def desk(database: Database, files: Files) -> AsyncGenerator[Callable[..., Desk]]:
    """Makes a desk with other limits than the table's."""
    desks: list[Desk] = []

    def laid_out(**times: int) -> Desk:
        desks.append(desk_with(database, files, times))
        return desks[-1]

    yield laid_out
    for each in desks:
        await each.reply_writer.close()


async def made(desk: Desk, owner: Caller) -> int:
    """A character with a greeting; returns its id."""
    return (await desk.characters.save(owner, filled(greeting="Заходи."))).id


async def test_every_gesture_that_costs_is_counted_wherever_it_comes_from(
    desk: Callable[..., Desk], ira: Caller
) -> None:
    free = desk()
    marina = await made(free, ira)
    file = await free.saved(ira, marina)
    kept = await free.characters.get_own(ira, marina)
    two = dict.fromkeys(
        ("chats", "imports", "characters", "character_saves", "draft_saves", "searches"),
        2,
    )
    strict = desk(**two)
    by_limit: dict[str, list[Callable[[], Awaitable[object]]]] = {
        "chats": [
            lambda: strict.chat.begin(ira, marina),
            lambda: strict.exchange.ask(ira, marina, "Привет", str(now())),
        ],
        "imports": [lambda: strict.dialogs.import_dialog(ira, file)],
        "characters": [
            lambda: strict.characters.save(ira, filled()),
            lambda: strict.copies.duplicate(ira, marina),
        ],
        "character_saves": [lambda: strict.characters.save(ira, kept)],
        "draft_saves": [lambda: strict.drafts.save(ira, NEW, {"name": "Мар"})],
        "searches": [
            lambda: strict.gallery.page(ira, GalleryQuery(words="маяк")),
            lambda: strict.characters.page(ira, 10, search="маяк"),
            lambda: strict.dialogs.list_own(ira, "маяк"),
        ],
    }
    assert by_limit.keys() == two.keys()
    for name, gestures in by_limit.items():
        for n in range(2):
            await gestures[n % len(gestures)]()
        for gesture in gestures:
            (outcome,) = await asyncio.gather(gesture(), return_exceptions=True)
            assert isinstance(outcome, RateLimited), name
            assert timedelta(0) < outcome.until - now() <= timedelta(hours=1)
    await strict.gallery.page(ira, GalleryQuery())
    assert await strict.dialogs.list_own(ira), "looking without words is no search"


async def test_searches_of_strangers_are_counted_by_where_they_come_from(desk: Callable[..., Desk]) -> None:
    strict = desk(searches=1)

    async def search_from(address: str) -> None:
        acting_for.set(address)
        await strict.gallery.page(None, GalleryQuery(words="маяк"))

    await asyncio.create_task(search_from("192.0.2.1"))
    with pytest.raises(RateLimited):
        await asyncio.create_task(search_from("192.0.2.1"))
    await asyncio.create_task(search_from("192.0.2.2"))


async def test_nobody_keeps_more_chats_than_there_may_be_thrown_away_ones_included(
    desk: Callable[..., Desk], ira: Caller, boris: Caller
) -> None:
    free = desk()
    marina = await made(free, ira)
    file = await free.saved(ira, marina)
    strict = desk(dialogs_kept=3)
    await strict.dialogs.delete(ira, await strict.chat.begin(ira, marina))
    dialog = await strict.dialogs.import_dialog(ira, file)
    for gesture in (
        lambda: strict.chat.begin(ira, marina),
        lambda: strict.dialogs.import_dialog(ira, file),
        lambda: strict.exchange.ask(ira, marina, "Привет", "1"),
    ):
        with pytest.raises(QuotaReached) as refusal:
            await gesture()
        assert str(refusal.value) == "You have 3 chats, which is the limit. Continue one of them."
    await strict.chat.send(ira, dialog, "Поговорим здесь", "2")
    await strict.chat.begin(boris, marina)


async def test_a_file_that_would_be_too_much_is_not_loaded(desk: Callable[..., Desk], ira: Caller) -> None:
    free = desk()
    marina = await made(free, ira)
    file = await free.saved(ira, marina)
    strict = desk(messages_kept=3)
    for _ in range(2):
        await strict.dialogs.import_dialog(ira, file)
    with pytest.raises(QuotaReached):
        await strict.dialogs.import_dialog(ira, file)
    await strict.chat.begin(ira, marina)
    with pytest.raises(QuotaReached):
        await strict.chat.begin(ira, marina)


async def test_nobody_keeps_more_characters_and_photos_than_there_may_be(
    desk: Callable[..., Desk], ira: Caller, pictures: Path
) -> None:
    strict = desk(characters_kept=2, pictures_kept=1)
    token = await strict.photos.store(ira, a_photo())
    marina = await strict.characters.save(ira, filled(picture_token=token))
    with pytest.raises(QuotaReached):
        await strict.photos.store(ira, a_photo())
    with pytest.raises(QuotaReached):
        await strict.copies.duplicate(ira, marina.id)
    assert len({each.name.partition("-")[0] for each in files_below(pictures)}) == 1, "no files of what was refused"
    second = await strict.characters.save(ira, filled())
    await strict.characters.delete(ira, second.id)
    with pytest.raises(QuotaReached):
        await strict.characters.save(ira, filled())
    await strict.characters.save(ira, marina)


async def test_a_flood_at_once_ends_exactly_at_the_quota(desk: Callable[..., Desk], ira: Caller) -> None:
    marina = await made(desk(), ira)
    strict = desk(dialogs_kept=4, characters_kept=3, pictures_kept=2)
    floods: dict[type, Callable[[], Awaitable[object]]] = {
        Dialog: lambda: strict.chat.begin(ira, marina),
        Character: lambda: strict.characters.save(ira, filled()),
        Picture: lambda: strict.photos.store(ira, a_photo(size=(8, 8))),
    }
    for kind, gesture in floods.items():
        outcomes = await asyncio.gather(*(gesture() for _ in range(8)), return_exceptions=True)
        assert {type(each) for each in outcomes if isinstance(each, Exception)} == {QuotaReached}, kind
    async with strict.database.read() as db:
        kept = [len((await db.exec(select(kind))).all()) for kind in floods]
    assert kept == [4, 3, 2]


async def test_the_owner_of_the_server_may_change_a_quota() -> None:
    limits = RateLimiter(InMemory(), {QUOTAS[0].name: 5})
    assert limits.most(QUOTAS[0]) == 5
    assert limits.most(QUOTAS[1]) == QUOTAS[1].most
