"""Gallery query: who finds whom, in which order, page by page (keyset pagination); on both databases."""

from __future__ import annotations

import asyncio
import math
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import text
from sqlmodel import func, select

from domain.accounts.sessions import Caller
from domain.accounts.sessions_list import SessionList
from domain.characters.characters import Characters
from domain.characters.favourites import Favourites
from domain.characters.gallery import PAGE, Gallery
from domain.characters.gallery_order import Sort
from domain.characters.gallery_query import GalleryQuery, Tab, usual_language
from domain.characters.interests import Interests
from domain.characters.popularity import Popularity
from domain.characters.search_index import index_missing
from domain.clock import now
from domain.errors import NotFound, SignedOut
from domain.model.character import AgeMark, Character, Gender
from domain.model.dialog import Dialog
from domain.model.user import User
from domain.paging import Cursor, cursor_at
from storage.database import Database
from tests.clock import Clock
from tests.domain.conftest import People, filled, listed, talked

MINE, FAVOURITES, RECENT = GalleryQuery(tab=Tab.MINE), GalleryQuery(tab=Tab.FAVOURITES), GalleryQuery(tab=Tab.RECENT)
SEARCH, BY_INTEREST = GalleryQuery(words="смотрительница"), GalleryQuery(having=("море",))


@pytest.fixture
def favourites(database: Database) -> Favourites:
    return Favourites(database)


async def settle(database: Database, owner: Caller, number: int) -> None:
    """Add many characters, with so few different figures that every order has ties."""
    dice = Random(4)
    async with database.write() as db:
        db.add_all(
            Character(
                owner_id=owner.user_id,
                name=f"Номер {dice.randrange(40)}",
                gender=Gender.OTHER,
                teaser="Любит книги" if each % 2 else "Книга",
                interests=["книги"] if each % 3 else ["море"],
                talkers=dice.randrange(3),
                score=dice.choice([5.5, 6.0, 7.25]),
            )
            for each in range(number)
        )
    await index_missing(database)


async def one_of_each_kind(characters: Characters, database: Database, owner: Caller) -> dict[str, int]:
    """Characters of one author, some of which strangers find and some not; ids by name."""
    kinds = {"Открытая": {}, "Тайная": {"is_public": False}, "Скрытая": {}, "Закрытая": {}, "Удалённая": {}}
    made = {name: (await characters.save(owner, filled(name=name, **kind))).id for name, kind in kinds.items()}
    async with database.write() as db:
        (await db.get_one(Character, made["Скрытая"])).is_hidden = True
        (await db.get_one(Character, made["Закрытая"])).is_blocked = True
    await characters.delete(owner, made["Удалённая"])
    return made


async def test_strangers_find_the_open_ones_and_authors_all_of_theirs_wherever_they_look(
    characters: Characters, gallery: Gallery, favourites: Favourites, database: Database, people: People,
    ira: Caller, boris: Caller
) -> None:  # fmt: skip
    made = await one_of_each_kind(characters, database, ira)
    admin = await people.come("olga")
    async with database.write() as db:
        (await db.get_one(User, admin.user_id)).is_admin = True
        for viewer in (ira, boris, admin):  # as it was before it was held back
            db.add_all(Dialog(user_id=viewer.user_id, character_id=each) for each in made.values())
        await db.flush()
    for viewer in (ira, boris, admin):
        await favourites.set_favourite(viewer, made["Открытая"], True)
    for wanted in (GalleryQuery(), SEARCH, BY_INTEREST, GalleryQuery(sort=Sort.NAME), RECENT):
        for stranger in (boris, admin):
            assert await listed(gallery, stranger, wanted) == ["Открытая"], wanted
        assert sorted(await listed(gallery, ira, wanted)) == ["Закрытая", "Открытая", "Скрытая", "Тайная"], wanted
    for wanted in (GalleryQuery(), SEARCH, BY_INTEREST):
        assert await listed(gallery, None, wanted) == ["Открытая"]
    for wanted in (MINE, FAVOURITES, RECENT):
        assert await listed(gallery, None, wanted) == []
    assert await listed(gallery, ira, MINE) == ["Закрытая", "Скрытая", "Тайная", "Открытая"]
    assert await listed(gallery, boris, MINE) == []
    assert await listed(gallery, boris, FAVOURITES) == ["Открытая"]
    async with database.write() as db:
        (await db.get_one(User, ira.user_id)).is_hidden = True
    for wanted in (GalleryQuery(), SEARCH, BY_INTEREST, GalleryQuery(sort=Sort.NAME), RECENT):
        assert await listed(gallery, boris, wanted) == []
        assert sorted(await listed(gallery, ira, wanted)) == ["Закрытая", "Открытая", "Скрытая", "Тайная"], wanted


async def test_a_blocked_authors_characters_are_found_by_nobody(
    characters: Characters, gallery: Gallery, favourites: Favourites, database: Database, ira: Caller, boris: Caller
) -> None:
    marina = await characters.save(ira, filled())
    await favourites.set_favourite(boris, marina.id, True)
    await talked(database, boris, marina.id)
    async with database.write() as db:
        (await db.get_one(User, ira.user_id)).is_blocked = True
    for wanted in (GalleryQuery(), SEARCH, BY_INTEREST, FAVOURITES, RECENT):
        assert await listed(gallery, boris, wanted) == []


async def test_every_order_shows_each_character_once_while_others_come_in(
    characters: Characters, gallery: Gallery, database: Database, ira: Caller, boris: Caller
) -> None:
    await settle(database, ira, number=2 * PAGE + 3)
    await characters.save(boris, filled(name="Номер моей", teaser="Книга", is_public=False))
    async with database.write() as db:
        for character_id in [each.id for each in await characters.page(boris, 60)]:
            moment = now() - timedelta(minutes=character_id % 5)
            db.add(Dialog(user_id=boris.user_id, character_id=character_id, spoken_at=moment))
    for wanted in (GalleryQuery(words="книгами"), *(GalleryQuery(sort=sort) for sort in Sort)):
        page = await gallery.page(boris, wanted)
        in_all, ids = page.count, [each.character.id for each in page.cards]
        while page.after:
            await characters.save(ira, filled(name="А книга", teaser="Книга"))
            page = await gallery.page(boris, wanted, page.after)
            ids += [each.character.id for each in page.cards]
        assert len(ids) == len(set(ids)), wanted
        assert in_all is not None
        assert len(ids) >= in_all > PAGE, wanted
        assert page.count is None


async def test_orders_are_what_they_say(
    characters: Characters, gallery: Gallery, database: Database, ira: Caller, boris: Caller
) -> None:
    ids = [(await characters.save(ira, filled(name=name))).id for name in ("ёлка", "Енот", "Жук", "Аист")]
    async with database.write() as db:
        for character_id, talkers, score in zip(ids, (3, 1, 4, 2), (6.5, 8.5, 5.0, 7.0), strict=True):
            character = await db.get_one(Character, character_id)
            character.talkers, character.score = talkers, score
        for hours, character_id in ((1, ids[0]), (3, ids[2])):
            moment = now() - timedelta(hours=hours)
            db.add(Dialog(user_id=boris.user_id, character_id=character_id, spoken_at=moment))
    assert await listed(gallery, boris, GalleryQuery(sort=Sort.POPULAR)) == ["Жук", "ёлка", "Аист", "Енот"]
    assert await listed(gallery, boris, GalleryQuery(sort=Sort.NEW)) == ["Аист", "Жук", "Енот", "ёлка"]
    assert await listed(gallery, boris, GalleryQuery(sort=Sort.RATING)) == ["Енот", "Аист", "ёлка", "Жук"]
    assert await listed(gallery, boris, GalleryQuery(sort=Sort.NAME)) == ["Аист", "ёлка", "Енот", "Жук"]
    assert await listed(gallery, boris, GalleryQuery(sort=Sort.RECENT)) == ["ёлка", "Жук"]
    assert await listed(gallery, None, GalleryQuery(sort=Sort.RECENT)) == ["Жук", "ёлка", "Аист", "Енот"]


async def test_filters_narrow_together(characters: Characters, gallery: Gallery, ira: Caller) -> None:
    for name, gender, age, words in (
        ("Анна", Gender.FEMALE, AgeMark.ANY, ["книги", "море"]),
        ("Борис", Gender.MALE, AgeMark.SIXTEEN, ["книги"]),
        ("Вера", Gender.FEMALE, AgeMark.SIXTEEN, ["книги", "шахматы"]),
    ):
        await characters.save(ira, filled(name=name, gender=gender, age_mark=age, interests=words))

    async def found(**asked: object) -> str:
        return " ".join(sorted(await listed(gallery, None, GalleryQuery(**asked))))  # type: ignore[arg-type]

    assert await found(having=("книги",)) == "Анна Борис Вера"
    assert await found(having=("книги", "море")) == "Анна"
    assert await found(having=("книги",), lacking=("море", "шахматы")) == "Борис"
    assert await found(genders=(Gender.FEMALE,), ages=(AgeMark.SIXTEEN, AgeMark.SIX)) == "Вера"
    assert await found(words="книга", genders=(Gender.MALE,)) == "Борис"
    assert await found(having=("такого нет",)) == ""


async def test_a_cursor_that_is_none_begins_at_the_beginning(gallery: Gallery, database: Database, ira: Caller) -> None:
    await settle(database, ira, number=PAGE + 1)
    first = await gallery.page(None, GalleryQuery())
    of_other_orders = [(await gallery.page(None, GalleryQuery(sort=sort))).after for sort in (Sort.NAME, Sort.NEW)]
    of_an_admins_list = cursor_at(Cursor(1, 1))
    for cursor in ("", "nonsense", "W10", "W1td", "%00", "я", *of_other_orders, of_an_admins_list):
        assert await gallery.page(None, GalleryQuery(), cursor) == first, cursor
    by_rating = GalleryQuery(sort=Sort.RATING)
    for score in (math.inf, math.nan, 1, "1.0", True, None):
        assert (await gallery.page(None, by_rating, cursor_at(Cursor(score, 1), Sort.RATING))).count == PAGE + 1, score
    before_all_time = "WyJyZWNlbnQiLCAwLCAiMDAwMS0wMS0wMVQwMDowMDowMCsxNDowMCIsIDFd"
    assert (await gallery.page(None, RECENT, before_all_time)).cards == []


@pytest.mark.slow
async def test_many_are_counted_up_to_a_thousand_and_still_shown_all(
    gallery: Gallery, database: Database, ira: Caller
) -> None:
    await settle(database, ira, number=1900)
    for wanted in (GalleryQuery(), GalleryQuery(having=("книги",)), GalleryQuery(words="книга")):
        page = await gallery.page(None, wanted)
        assert (page.count, page.is_more_than, len(page.cards)) == (1000, True, PAGE), wanted
    sevens = await listed(gallery, None, GalleryQuery(words="номер 7"))
    page = await gallery.page(None, GalleryQuery(words="номер 7"))
    assert (page.count, page.is_more_than) == (len(sevens), False)
    assert PAGE < len(sevens) < 200
    assert len(await listed(gallery, None, GalleryQuery(having=("книги",)))) == 1900 * 2 // 3


async def test_a_card_knows_my_last_dialog_and_whether_it_is_a_favourite_or_mine(
    characters: Characters, gallery: Gallery, favourites: Favourites, database: Database, ira: Caller, boris: Caller
) -> None:
    marina = await characters.save(ira, filled())
    first = await talked(database, boris, marina.id)
    last = await talked(database, boris, marina.id)
    for _ in range(2):
        await favourites.set_favourite(boris, marina.id, True)
    [card] = (await gallery.page(boris, GalleryQuery())).cards
    assert (card.author, card.dialog_id, card.is_favourite, card.is_own) == ("ira", last, True, False)
    async with database.write() as db:
        (await db.get_one(Dialog, last)).deleted_at = now()
    [card] = (await gallery.page(boris, GalleryQuery())).cards
    assert card.dialog_id == first, "what is in the bin is not gone on with"
    for _ in range(2):
        await favourites.set_favourite(boris, marina.id, False)
    assert await listed(gallery, boris, FAVOURITES) == []
    [card] = (await gallery.page(ira, GalleryQuery())).cards
    assert (card.dialog_id, card.is_favourite, card.is_own) == (None, False, True)
    await characters.save(ira, filled(id=marina.id, is_public=False))
    with pytest.raises(NotFound):
        await favourites.set_favourite(boris, marina.id, True)


async def test_popular_is_whom_most_people_talked_with_this_week(
    characters: Characters, gallery: Gallery, database: Database, clock: Clock, ira: Caller, boris: Caller
) -> None:
    once, twice, long_ago = [
        (await characters.save(ira, filled(name=name))).id for name in ("Однажды", "Дважды", "Давно")
    ]
    for person, character_id in ((boris, once), (boris, once), (boris, once), (boris, twice), (ira, twice)):
        await talked(database, person, character_id)
    async with database.write() as db:
        opened = (boris, long_ago), (ira, long_ago), (ira, once)  # and nothing said
        db.add_all(Dialog(user_id=person.user_id, character_id=each) for person, each in opened)
        (await db.get_one(Character, long_ago)).talkers = 9
    for _ in range(2):
        await Popularity(database).count()
        assert await listed(gallery, None) == ["Дважды", "Однажды", "Давно"]
    async with database.read() as db:
        counted = [(await db.get_one(Character, each)).talkers for each in (once, twice, long_ago)]
    assert counted == [1, 2, 0]
    clock.advance(timedelta(days=7))
    await Popularity(database).count()
    async with database.read() as db:
        assert (await db.exec(select(func.sum(Character.talkers)))).one() == 0, "a week ago is long ago"


@pytest.mark.own_database
async def test_a_count_that_fails_is_not_the_last_one(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    async with database.write() as db:
        await (await db.connection()).execute(text("ALTER TABLE dialog RENAME COLUMN spoken_at TO elsewhere"))
    popularity = Popularity(database)
    await popularity.start()
    async with asyncio.timeout(60):
        while "could not be counted" not in caplog.text:  # noqa: ASYNC110 - it is done beside us
            await asyncio.sleep(0.01)
    await popularity.close()  # which would raise what had ended the counting


async def test_who_came_in_by_another_way_is_findable_after_the_next_start(
    gallery: Gallery, interests: Interests, database: Database, ira: Caller
) -> None:
    await settle(database, ira, number=3)
    async with database.write() as db:
        db.add(Character(owner_id=ira.user_id, name="Жанна", gender=Gender.OTHER, interests=["чай"], bio="В Москве"))
    for _ in range(2):
        await index_missing(database)
        assert await listed(gallery, None, GalleryQuery(words="Москва")) == ["Жанна"]
        assert [each.word for each in await interests.suggested("ч")] == ["чай"]
        assert (await listed(gallery, None, GalleryQuery(sort=Sort.NAME)))[0] == "Жанна"


async def test_after_log_out_an_open_gallery_is_refused(devices: SessionList, gallery: Gallery, ira: Caller) -> None:
    await devices.log_out(ira)
    with pytest.raises(SignedOut):
        await gallery.page(ira, GalleryQuery())


async def test_a_language_keeps_cards_in_it_and_those_without_letters(
    characters: Characters, gallery: Gallery, ira: Caller, boris: Caller
) -> None:
    english = {"teaser": "", "bio": "", "greeting": "", "context": "You keep the light.", "interests": []}
    await characters.save(ira, filled(name="Nora", **english))
    await characters.save(ira, filled(name="…", **english | {"context": "…"}))
    await characters.save(ira, filled(name="Марина"))
    for viewer in (None, boris, ira):
        assert set(await listed(gallery, viewer, GalleryQuery(language="en"))) == {"…", "Nora"}
        assert set(await listed(gallery, viewer, GalleryQuery(language="ru"))) == {"…", "Марина"}
        assert set(await listed(gallery, viewer, GalleryQuery())) == {"…", "Nora", "Марина"}
        assert await listed(gallery, viewer, GalleryQuery(words="nora", language="ru")) == []


async def test_pages_in_one_language_go_on_where_the_one_before_ended(
    gallery: Gallery, database: Database, ira: Caller
) -> None:
    await settle(database, ira, number=3 * PAGE)
    async with database.write() as db:
        for character in await db.exec(select(Character)):
            character.language = "en" if character.id % 3 else "ru"
    page = await gallery.page(None, GalleryQuery(language="en"))
    ids = [each.character.id for each in page.cards]
    assert page.count == 2 * PAGE
    while page.after:
        page = await gallery.page(None, GalleryQuery(language="en"), page.after)
        ids += [each.character.id for each in page.cards]
    assert len(set(ids)) == len(ids) == 2 * PAGE


def test_who_looks_around_sees_their_language_and_finds_everything_by_words_and_on_their_shelves() -> None:
    assert usual_language(Tab.ALL, "", None, reads="en") == "en"
    assert usual_language(Tab.ALL, "Аглая", None, reads="en") == usual_language(Tab.ALL, "", 7, reads="en") == ""
    assert {usual_language(tab, "", None, reads="en") for tab in (Tab.FAVOURITES, Tab.MINE, Tab.RECENT)} == {""}


async def test_an_author_has_a_page_of_their_own(
    characters: Characters, gallery: Gallery, ira: Caller, boris: Caller
) -> None:
    await characters.save(ira, filled(name="Марина"))
    await characters.save(ira, filled(name="Тайная", is_public=False))
    await characters.save(boris, filled(name="Пётр"))
    by_ira = GalleryQuery(author_id=ira.user_id)
    page = await gallery.page(None, by_ira)
    assert ([each.character.name for each in page.cards], page.author) == (["Марина"], "ira")
    assert sorted(await listed(gallery, ira, by_ira)) == ["Марина", "Тайная"]
    assert (await gallery.page(None, GalleryQuery(author_id=9_999_999))).author == ""
