"""Dialog list: names, pins, order, search, the bin."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from domain.accounts.sessions import Caller
from domain.chat.dialog_line import SearchResult
from domain.chat.dialog_search import search_words
from domain.chat.list_updates import DialogListRelay
from domain.chat.search_concurrency import Searches
from domain.chat.tree.events import DialogListChanged, ReplyEnded
from domain.errors import Invalid, NotFound
from domain.llm.port import Role
from domain.model.dialog import TITLE_LIMIT, Dialog, Message
from storage.bus import Bus
from storage.database import Database
from tests.domain.chat.conftest import GREETING, ChatWorld, until


async def names(world: ChatWorld, person: Caller, search: str = "") -> list[str]:
    return [line.name for line in await world.dialogs.list_own(person, search)]


async def said(world: ChatWorld, dialog_id: int, text: str, *, below: int | None = None, role: Role = Role.USER) -> int:
    """Add a message to a dialog without asking the model; the path continues with it."""
    async with world.database.write() as db:
        dialog = await db.get_one(Dialog, dialog_id)
        message = Message(dialog_id=dialog_id, parent_id=below or dialog.leaf_id, role=role, text=text)
        db.add(message)
        await db.flush()
        dialog.leaf_id = message.id
        return message.id


async def named(world: ChatWorld, person: Caller, title: str) -> int:
    dialog_id = await world.dialog(person)
    await world.dialogs.rename(person, dialog_id, title)
    return dialog_id


@pytest.fixture(autouse=True)
def time_to_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """A longer timeout than the second that a search may take: the machine of the tests may be busy."""
    for module in ("dialogs", "search_concurrency"):
        monkeypatch.setattr(f"domain.chat.{module}.LONGEST_SEARCH", 60)


async def test_a_dialog_is_called_like_its_character_until_it_is_renamed(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    assert await names(world, person) == ["Марина"]
    await world.dialogs.rename(person, dialog, "  Ночь \n на маяке ")
    assert await names(world, person) == ["Ночь на маяке"]
    await world.dialogs.rename(person, dialog, "   ")
    assert await names(world, person) == ["Марина"], "an empty name gives the character's back"


@pytest.mark.parametrize("title", ["я" * (TITLE_LIMIT + 1), "имя\0", "\u202eнаоборот", "\u2800"])
async def test_a_name_that_cannot_be_read_is_refused_at_its_field(world: ChatWorld, title: str) -> None:
    person = await world.somebody()
    dialog = await named(world, person, "Прежнее")
    with pytest.raises(Invalid) as refusal:
        await world.dialogs.rename(person, dialog, title)
    assert refusal.value.field == "title"
    assert await names(world, person) == ["Прежнее"]


async def test_pinned_dialogs_come_first_then_the_one_last_spoken_in(world: ChatWorld) -> None:
    person = await world.somebody()
    first, second, _third = [await named(world, person, title) for title in ("первый", "второй", "третий")]
    assert await names(world, person) == ["третий", "второй", "первый"]
    await world.dialogs.pin(person, first, pinned=True)
    assert await names(world, person) == ["первый", "третий", "второй"]
    await world.chat.send(person, second, "Я тут", "one")
    await world.ended(person, second)
    assert await names(world, person) == ["первый", "второй", "третий"]
    await world.dialogs.pin(person, first, pinned=False)
    assert await names(world, person) == ["второй", "третий", "первый"]


@pytest.mark.parametrize("search", ["ежа", "ЕЖ", "ёж", "ЁЖ", "ежа  НАШЛА", "маяк ежа", "МАРИНА ежа"])
async def test_search_knows_neither_case_nor_yo_and_takes_words_from_title_name_and_text(
    world: ChatWorld, search: str
) -> None:
    person = await world.somebody()
    dialog = await named(world, person, "Ночь на маяке")
    await said(world, dialog, "Вчера на берегу я нашла Ёжа.\n\nОн фыркал.")
    await named(world, person, "Про другое")
    [found] = await world.dialogs.list_own(person, search)
    assert found.dialog.id == dialog
    assert "нашла Ёжа. Он фыркал." in found.snippet, "as it was written, on one line"


@pytest.mark.parametrize(
    ("search", "said_in_the_chat"),
    [
        ("собака", "Вчера мы встретили собаку."),
        ("собаку", "СОБАКИ лают"),
        ("капитанами", "Позови капитана!"),
        ("маяка", "Вон он, маяк."),
        ("собака,", "Вот и собака"),
        ("«собаки»", "Вот и собака"),
        ("castles", "I saw a castle."),
        ("memories", "A good memory."),
        ("memory", "Good memories!"),
    ],
)
async def test_a_word_is_found_in_its_other_forms(world: ChatWorld, search: str, said_in_the_chat: str) -> None:
    person = await world.somebody()
    dialog = await named(world, person, "Разное")
    place = await said(world, dialog, said_in_the_chat)
    [found] = await world.dialogs.list_own(person, search)
    assert (found.found_message_id, found.snippet) == (place, said_in_the_chat)
    assert await world.dialogs.find_in(person, dialog, search_words(search)) == [place]


@pytest.mark.parametrize(
    ("search", "not_meant"),
    [
        ("море", "морковь"),
        ("cats", "catalogue"),
        ("party", "part"),
        ("место", "вместе"),
        ("стена", "растение"),
        ("houses", "a thousand"),
    ],
)
async def test_a_stem_is_not_looked_for_where_it_would_be_in_other_words(
    world: ChatWorld, search: str, not_meant: str
) -> None:
    person = await world.somebody()
    dialog = await named(world, person, "Разное")
    await said(world, dialog, not_meant)
    assert await names(world, person, search) == []


async def test_the_piece_that_is_shown_has_the_word_and_not_a_part_of_another(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await named(world, person, "Разное")
    await said(world, dialog, "Мы пошли вместе. " + "Шли долго. " * 30 + "Здесь много места.")
    [found] = await world.dialogs.list_own(person, "место")
    assert found.snippet.endswith("Здесь много места.")


async def test_search_shows_the_newest_place_and_only_a_piece_of_it(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    await said(world, dialog, "Компас лежит на столе.")
    newest = await said(world, dialog, "слово " * 100 + "а вот и компас " + "слово " * 100)
    [found] = await world.dialogs.list_own(person, "компас")
    assert found.found_message_id == newest
    assert "компас" in found.snippet
    assert len(found.snippet) < 140
    assert found.snippet.startswith("…")
    assert found.snippet.endswith("…")


async def test_what_the_title_holds_leads_to_the_dialog_and_to_no_message(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await named(world, person, "Про компас")
    await said(world, dialog, "Где мой компас?")
    [found] = await world.dialogs.list_own(person, "КОМПАС")
    assert (found.found_message_id, found.snippet) == (None, "")


@pytest.mark.parametrize(("search", "found"), [("100%", 1), ("а_б", 1), ("%", 1), ("_", 1), ("100", 2), ("/", 0)])
async def test_signs_of_the_query_language_mean_themselves(world: ChatWorld, search: str, found: int) -> None:
    person = await world.somebody()
    await named(world, person, "Скидка 100% а_б")
    await named(world, person, "Скидка 1000 аяб")
    assert len(await world.dialogs.list_own(person, search)) == found


async def test_a_word_that_is_nowhere_finds_nothing_and_an_empty_search_the_whole_list(world: ChatWorld) -> None:
    person = await world.somebody()
    await world.dialog(person)
    for nothing in ("дирижабль", "марина дирижабль", "\0\ud800дирижабль", "я" * 500):
        assert await names(world, person, nothing) == []
    assert await names(world, person, "  \n ") == ["Марина"]


async def test_no_dialog_is_turned_to_what_was_said_in_another(world: ChatWorld) -> None:
    person, stranger = await world.somebody(), await world.somebody()
    mine, other, foreign = await world.dialog(person), await world.dialog(person), await world.dialog(stranger)
    elsewhere = [await said(world, other, "В другой беседе"), await said(world, foreign, "Чужая тайна")]
    for message_id in elsewhere:
        with pytest.raises(NotFound):
            await world.dialogs.switch_to(person, mine, message_id)
    assert [each.text for each in await world.messages(person, mine)] == [GREETING]


async def test_deleted_messages_and_what_hangs_below_them_are_not_found(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    top = await said(world, dialog, "Секретный план")
    await said(world, dialog, "и его секретное продолжение")
    assert await names(world, person, "секретн")
    await world.branches.delete(person, top)
    assert await names(world, person, "секретн") == []
    await world.branches.restore(person, top)
    assert await names(world, person, "секретн")


async def test_what_stands_on_another_branch_is_found_and_can_be_turned_to(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    [greeting] = await world.messages(person, dialog)
    one = await said(world, dialog, "Пойдём на рынок", below=greeting.id)
    deep = await said(world, dialog, "Купим арбуз", below=one)
    two = await said(world, dialog, "Останемся дома", below=greeting.id)
    [found] = await world.dialogs.list_own(person, "арбуз")
    assert found.found_message_id == deep
    await world.dialogs.switch_to(person, dialog, deep)
    assert [each.id for each in await world.messages(person, dialog)] == [greeting.id, one, deep]
    await world.branches.switch_branch(person, one, 1)
    assert (await world.messages(person, dialog))[-1].id == two
    await world.dialogs.switch_to(person, dialog, two)
    await world.branches.delete(person, one)
    with pytest.raises(NotFound):
        await world.dialogs.switch_to(person, dialog, deep)


async def test_a_deleted_dialog_is_nowhere_until_it_is_taken_back(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await named(world, person, "Лишний")
    await world.dialogs.delete(person, dialog)
    assert await names(world, person) == []
    assert await names(world, person, "лишний") == []
    assert await world.dialogs.lines(person, [dialog]) == []
    for action in (
        world.chat.open(person, dialog),
        world.chat.send(person, dialog, "Есть кто?", "one"),
        world.dialogs.rename(person, dialog, "Снова"),
        world.dialogs.transcript(person, dialog),
    ):
        with pytest.raises(NotFound):
            await action
    await world.dialogs.restore(person, dialog)
    assert await names(world, person) == ["Лишний"]
    assert [each.text for each in await world.messages(person, dialog)] == [GREETING]


async def test_nobody_reaches_the_dialogs_of_another(world: ChatWorld) -> None:
    anna, boris = await world.somebody(), await world.somebody()
    dialog = await named(world, anna, "Тайна")
    secret = await said(world, dialog, "Никому не говори")
    assert await names(world, boris) == []
    assert await names(world, boris, "тайна") == []
    assert await names(world, boris, "никому") == []
    assert await world.dialogs.lines(boris, [dialog, 2**40, -1]) == []
    dialogs = world.dialogs
    attempts: list[Callable[[], Awaitable[object]]] = [
        lambda: dialogs.rename(boris, dialog, "Моё"),
        lambda: dialogs.pin(boris, dialog, pinned=True),
        lambda: dialogs.delete(boris, dialog),
        lambda: dialogs.restore(boris, dialog),
        lambda: dialogs.transcript(boris, dialog),
        lambda: dialogs.switch_to(boris, dialog, secret),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound):
            await attempt()
    assert await names(world, anna) == ["Тайна"]


async def test_a_persons_lists_are_told_of_everything_that_changes_in_them(world: ChatWorld) -> None:
    person, other = await world.somebody(), await world.somebody()
    dialog = await world.dialog(person)
    list_relay = DialogListRelay(world.database, world.bus)
    await list_relay.start()
    heard: list[DialogListChanged] = []
    world.bus.subscribe(DialogListChanged, person.user_id, heard.append)
    world.bus.subscribe(DialogListChanged, other.user_id, lambda _: pytest.fail("somebody else's list was told"))

    async def is_told(times: int) -> None:
        async def enough() -> bool:
            return len(heard) >= times

        await until(enough)
        assert {fact.dialog_id for fact in heard} == {dialog}

    await world.dialogs.rename(person, dialog, "Имя")
    await is_told(1)
    await world.dialogs.pin(person, dialog, pinned=True)
    await world.dialogs.delete(person, dialog)
    await world.dialogs.restore(person, dialog)
    await is_told(4)
    await world.chat.send(person, dialog, "Привет", "one")
    await is_told(5)
    await world.ended(person, dialog)
    await is_told(6)
    await list_relay.close()
    await asyncio.sleep(0)


async def test_the_server_goes_down_in_order_while_the_database_is_away() -> None:
    away, bus = Database("postgresql://nobody@127.0.0.1:1/nowhere"), Bus()
    list_relay = DialogListRelay(away, bus)
    await list_relay.start()
    bus.publish(ReplyEnded(1, 1))
    await asyncio.sleep(0)
    await list_relay.close()
    await away.close()


async def test_a_search_that_takes_too_long_is_given_up_and_says_so(
    world: ChatWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await world.somebody()
    await named(world, person, "Про компас")
    dialog = await named(world, person, "Длинный")
    for _ in range(6):  # many times the limit below, however busy the machine
        await said(world, dialog, "шум моря и ветра " * 60_000)
    words = search_words("компас шторм")
    assert await world.dialogs.find(person, words) == SearchResult([], is_whole=True)
    monkeypatch.setattr("domain.chat.dialogs.LONGEST_SEARCH", 0.001)
    assert await world.dialogs.find(person, words) == SearchResult([], is_whole=False)
    assert await names(world, person) == ["Длинный", "Про компас"], "the connection serves on"


async def test_of_one_person_one_search_goes_on_and_a_newer_one_ends_the_former() -> None:
    searches = Searches()
    begun: list[str] = []

    async def newer() -> None:
        async with searches.begin(1) as search:
            begun.append("newer")
            assert not search.is_over

    async with searches.begin(1) as former:
        assert not former.is_over
        waiting = asyncio.create_task(newer())
        async with searches.begin(2) as somebody_elses:
            assert not somebody_elses.is_over
        await asyncio.sleep(0)
        assert former.is_over
        assert not begun
    await waiting
    assert begun == ["newer"]


def test_only_so_many_words_are_looked_for() -> None:
    assert search_words("а б в г д е ё ж з и к л м н") == ["а", "б", "в", "г", "д", "е", "ж", "з", "и", "к"]
