"""Recently deleted: whatever people have deleted themselves can be restored for a month, or erased at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, func, select

from domain.accounts.sessions import Caller
from domain.bin import KEPT_IN_BIN
from domain.characters.fields import ERASED
from domain.chat.recently_deleted import Kind, RecentlyDeleted
from domain.clock import now
from domain.errors import NotFound, ReadOnly
from domain.model.character import Character
from domain.model.character_version import CharacterVersion
from domain.model.dialog import Message
from domain.model.user import User
from domain.moderation.reports import Complaint, Reports
from domain.rate_limits import InMemory, RateLimiter
from domain.retention import AT_ONCE, Bin
from tests.clock import Clock
from tests.conftest import UNLIMITED
from tests.domain.chat.conftest import GREETING, ChatWorld
from tests.domain.chat.test_branches import talk, texts
from tests.domain.chat.tree.test_unfinished_imports import saved


async def listed(world: ChatWorld, person: Caller) -> list[tuple[Kind, int, str, str]]:
    items = await RecentlyDeleted(world.database).list_own(person)
    return [(item.kind, item.id, item.name, item.words) for item in items]


async def delete_character(world: ChatWorld, character_id: int, by: Caller) -> None:
    async with world.database.write() as db:
        character = await db.get_one(Character, character_id)
        character.deleted_at, character.deleted_by_id = now(), by.user_id


async def test_what_one_has_deleted_is_listed_the_last_first(world: ChatWorld, clock: Clock) -> None:
    person, other = await world.people(2)
    dialog, gone = await world.dialog(person), await world.dialog(person)
    path = await talk(world, person, dialog, ("Раз", "один"))
    await world.dialogs.rename(person, gone, "Прежний")
    await world.branches.delete(person, path[1].id)
    clock.advance(timedelta(seconds=1))
    await world.dialogs.delete(person, gone)
    assert await listed(world, person) == [
        (Kind.CHAT, gone, "Прежний", ""),
        (Kind.MESSAGE, path[1].id, "Марина", "Раз"),
    ]
    assert await listed(world, other) == []

    await world.dialogs.restore(person, gone)
    await world.branches.restore(person, path[1].id)
    assert await listed(world, person) == []


async def test_a_character_that_an_admin_deleted_is_not_ones_own_to_bring_back(world: ChatWorld) -> None:
    author, admin = await world.people(2)
    mine, taken = await world.character(author), await world.character(author)
    await delete_character(world, mine.id, author)
    await delete_character(world, taken.id, admin)
    assert [(kind, item_id) for kind, item_id, *_ in await listed(world, author)] == [(Kind.CHARACTER, mine.id)]
    assert await listed(world, admin) == []
    with pytest.raises(NotFound):
        await RecentlyDeleted(world.database).erase(author, Kind.CHARACTER, taken.id)


async def test_after_a_month_nothing_is_listed_or_brought_back(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog, gone = await world.dialog(person), await world.dialog(person)
    path = await talk(world, person, dialog, ("Раз", "один"))
    await world.branches.delete(person, path[1].id)
    await world.dialogs.delete(person, gone)
    async with world.database.write() as db:
        (await db.get_one(Message, path[1].id)).deleted_at = now() - KEPT_IN_BIN
    assert [kind for kind, *_ in await listed(world, person)] == [Kind.CHAT]
    with pytest.raises(NotFound):
        await world.branches.restore(person, path[1].id)


@pytest.mark.parametrize("kind", Kind)
async def test_what_is_erased_is_out_of_reach_at_once(world: ChatWorld, kind: Kind) -> None:
    person, stranger = await world.people(2)
    dialog, gone = await world.dialog(person), await world.dialog(person)
    path = await talk(world, person, dialog, ("Раз", "один"))
    character = await world.character(person)
    await world.branches.delete(person, path[1].id)
    await world.dialogs.delete(person, gone)
    await delete_character(world, character.id, person)
    item = {Kind.CHAT: gone, Kind.MESSAGE: path[1].id, Kind.CHARACTER: character.id}[kind]
    deleted = RecentlyDeleted(world.database)
    with pytest.raises(NotFound):
        await deleted.erase(stranger, kind, item)
    await deleted.erase(person, kind, item)
    assert kind not in [each for each, *_ in await listed(world, person)]
    if kind != Kind.CHARACTER:
        restore = world.dialogs.restore if kind == Kind.CHAT else world.branches.restore
        with pytest.raises(NotFound):
            await restore(person, item)


async def test_what_is_not_deleted_cannot_be_erased(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    path = await talk(world, person, dialog, ("Раз", "один"))
    for kind, item in ((Kind.CHAT, dialog), (Kind.MESSAGE, path[1].id)):
        with pytest.raises(NotFound):
            await RecentlyDeleted(world.database).erase(person, kind, item)


async def messages_of(world: ChatWorld, dialog_id: int) -> int:
    async with world.database.read() as db:
        return (await db.exec(select(func.count()).where(Message.dialog_id == dialog_id))).one()


async def test_messages_whose_month_is_over_are_erased_with_all_below_and_the_rest_stays(world: ChatWorld) -> None:
    person = await world.somebody()
    await world.character(person)
    long = await world.dialogs.import_dialog(person, saved(2 * AT_ONCE + 3))
    first = (await world.chat.page(person, long, 2))[1]
    dialog = await world.dialog(person)
    path = await talk(world, person, dialog, ("Раз", "один"), ("Два", "два"))
    for message in first, path[3]:
        await world.branches.delete(person, message.id)
        await RecentlyDeleted(world.database).erase(person, Kind.MESSAGE, message.id)
    await Bin(world.database).empty_of_messages(now() - KEPT_IN_BIN + timedelta(seconds=1))
    assert await messages_of(world, long) == 1
    assert await texts(world, person, dialog) == [path[0].text, "Раз", "один"]
    assert await messages_of(world, dialog) == 3


async def test_a_reply_without_text_that_was_asked_for_again_is_not_listed(world: ChatWorld) -> None:
    person = await world.somebody()
    await world.character(person)
    dialog = await world.dialog(person)
    path = await talk(world, person, dialog, ("Раз", "один"), ("Два", "два"))
    async with world.database.write() as db:
        (await db.get_one(Message, path[2].id)).text = ""
    for message in path[4], path[2]:
        await world.branches.delete(person, message.id)
    assert await listed(world, person) == [(Kind.MESSAGE, path[4].id, "Марина", "два")]


async def test_a_reported_message_stays_for_the_admins(world: ChatWorld) -> None:
    author, person = await world.people(2)
    character = await world.character(author)
    dialog = await world.chat.begin(person, character.id)
    path = await talk(world, person, dialog, ("Раз", "один"))
    reports = Reports(world.database, world.bus, RateLimiter(InMemory(), UNLIMITED))
    await reports.file(person, character.id, Complaint.HATE, "", path[2].id)
    await world.branches.delete(person, path[1].id)
    await RecentlyDeleted(world.database).erase(person, Kind.MESSAGE, path[1].id)
    await Bin(world.database).empty_of_messages(now() - KEPT_IN_BIN + timedelta(seconds=1))
    async with world.database.read() as db:
        assert (await db.exec(select(Message.text).where(col(Message.id) == path[2].id))).one() == "один"


async def test_of_a_character_whose_month_is_over_what_its_author_wrote_is_erased(world: ChatWorld) -> None:
    person = await world.somebody()
    kept, gone = [await world.character(person) for _ in range(2)]
    async with world.database.write() as db:
        for each in (kept, gone):
            db.add(
                CharacterVersion(character_id=each.id, fields='{"context": "Тайна."}', replaced_by_id=person.user_id)
            )
    for each in (kept, gone):
        await delete_character(world, each.id, person)
    await RecentlyDeleted(world.database).erase(person, Kind.CHARACTER, gone.id)
    await Bin(world.database).empty_of_characters(now() - KEPT_IN_BIN)
    async with world.database.read() as db:
        before, after = [await db.get_one(Character, each.id) for each in (kept, gone)]
        versions = list(await db.exec(select(CharacterVersion.character_id)))
    assert (before.context, before.greeting) == ("Ты — Марина.", GREETING)
    assert after.name == before.name
    assert {name: getattr(after, name) for name in ERASED} == ERASED
    assert versions == [kept.id]


async def test_what_older_releases_left_behind_a_deleted_account_is_erased_too(world: ChatWorld) -> None:
    author = await world.somebody()
    left = await world.character(author)
    async with world.database.write() as db:
        character = await db.get_one(Character, left.id)
        character.context, character.deleted_at = "", now() - KEPT_IN_BIN
        (await db.get_one(User, author.user_id)).deleted_at = now() - KEPT_IN_BIN
    await Bin(world.database).empty_of_characters(now() - KEPT_IN_BIN + timedelta(seconds=1))
    async with world.database.read() as db:
        character = await db.get_one(Character, left.id)
    assert (character.name, character.bio, character.greeting) == ("Марина", "", "")


async def test_what_an_admin_deleted_or_somebody_reported_stays_for_the_admins(world: ChatWorld) -> None:
    author, person = await world.people(2)
    by_admin, reported = [await world.character(author) for _ in range(2)]
    reports = Reports(world.database, world.bus, RateLimiter(InMemory(), UNLIMITED))
    await reports.file(person, reported.id, Complaint.HATE, "")
    await delete_character(world, by_admin.id, person)
    await delete_character(world, reported.id, author)
    await Bin(world.database).empty_of_characters(now() + timedelta(seconds=1))
    async with world.database.read() as db:
        contexts = [(await db.get_one(Character, each.id)).context for each in (by_admin, reported)]
    assert contexts == ["Ты — Марина."] * 2


async def test_whoever_may_only_read_erases_nothing(world: ChatWorld) -> None:
    person = await world.somebody()
    character = await world.character(person)
    await delete_character(world, character.id, person)
    async with world.database.write() as db:
        (await db.get_one(User, person.user_id)).is_read_only = True
    with pytest.raises(ReadOnly):
        await RecentlyDeleted(world.database).erase(person, Kind.CHARACTER, character.id)
