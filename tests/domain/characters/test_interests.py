"""Interests: counted over open characters, spelt as their authors do, offered in one's language; on both databases."""

from __future__ import annotations

from domain.accounts.profile import ProfileEditing
from domain.accounts.sessions import Caller
from domain.accounts.tastes import Tastes
from domain.characters.characters import Characters
from domain.characters.gallery import Gallery
from domain.characters.gallery_query import GalleryQuery
from domain.characters.interests import Interests, add_to_known
from domain.characters.popularity import Popularity
from domain.characters.search_index import index_missing
from domain.model.character import Character, Gender
from domain.model.user import User
from storage.database import Database
from tests.domain.conftest import filled, listed


async def test_interests_are_counted_over_open_characters(
    characters: Characters, interests: Interests, database: Database, ira: Caller
) -> None:
    async def known(begins: str = "") -> dict[str, int]:
        return {each.word: each.characters for each in await interests.suggested(begins)}

    books, tea, secret = [
        await characters.save(ira, filled(interests=words, is_public=words != ["тайна"]))
        for words in (["книги", "Ёлки_%"], ["книги", "чай"], ["тайна"])
    ]
    assert await known() == {"книги": 2, "чай": 1, "ёлки_%": 1}
    assert list(await known()) == ["книги", "чай", "ёлки_%"]
    assert [each.word for each in await interests.frequent()] == ["книги"], "one character leads to no others"
    assert await known("Ни") == await known("%") == {}
    assert await known("КН") == {"книги": 2}
    assert await known("#елк") == {"ёлки_%": 1}
    await characters.save(ira, filled(id=tea.id, interests=["чай"]))
    await characters.save(ira, filled(id=secret.id, interests=["тайна"]))
    assert await known() == {"книги": 1, "тайна": 1, "чай": 1, "ёлки_%": 1}
    await characters.save(ira, filled(id=secret.id, interests=["тайна"], is_public=False))
    await characters.delete(ira, books.id)
    assert await known() == {"чай": 1}
    for is_hidden, counted in ((True, {}), (False, {"кофе": 1})):
        async with database.write() as db:
            (await db.get_one(Character, tea.id)).is_hidden = is_hidden
        await Popularity(database).count()
        await characters.save(ira, filled(id=tea.id, interests=["кофе"]))
        assert await known() == counted
    async with database.write() as db:
        (await db.get_one(User, ira.user_id)).is_blocked = True
    await Popularity(database).count()
    assert await known() == {}


async def test_interests_keep_their_authors_spelling_and_are_found_in_any(
    characters: Characters, gallery: Gallery, interests: Interests, ira: Caller, boris: Caller
) -> None:
    vera = await characters.save(ira, filled(name="Вера", interests=["#Ленинград", "ленинград", "джаз"]))
    assert vera.interests == ["Ленинград", "джаз"]
    await characters.save(boris, filled(name="Лев", interests=["ЛЕНИНГРАД"]))
    for asked in ("ленинград", "Ленинград"):
        assert set(await listed(gallery, None, GalleryQuery(having=(asked,)))) == {"Вера", "Лев"}
        assert await listed(gallery, None, GalleryQuery(lacking=(asked,))) == []
    [frequent] = await interests.frequent()
    assert (frequent.spelling, frequent.characters) == ("Ленинград", 2), "джаз leads to one character only"
    assert [each.spelling for each in await interests.suggested("Ле")] == ["Ленинград"]
    assert [each.spelling for each in await interests.suggested("дж")] == ["джаз"]


async def test_a_recount_spells_what_it_finds_as_one_of_the_characters_does(
    interests: Interests, database: Database, ira: Caller
) -> None:
    async with database.write() as db:
        for name in ("Тимур", "Лев"):
            db.add(Character(owner_id=ira.user_id, name=name, gender=Gender.MALE, interests=["Кавказ"]))
    await index_missing(database)
    assert [(each.word, each.spelling, each.characters) for each in await interests.frequent()] == [
        ("кавказ", "Кавказ", 2)
    ]
    assert len(await interests.frequent("ru")) == 1
    assert await interests.frequent("en") == []


async def test_interests_of_ones_language_are_offered_however_many_there_are_of_another(
    interests: Interests, database: Database
) -> None:
    async with database.write() as db:
        await add_to_known(db, {f"hobby {number}": 2 for number in range(150)} | {"книги": 1, "чай": 1})
    assert await interests.offered("ru") == ["книги", "чай"]
    assert [each.word for each in await interests.frequent("ru")] == []
    assert len(await interests.offered("en")) == 24


async def test_ones_own_interests_are_chosen_from_those_of_ones_language(
    characters: Characters,
    interests: Interests,
    profile: ProfileEditing,
    database: Database,
    ira: Caller,
    boris: Caller,
) -> None:
    english = {"teaser": "", "bio": "", "greeting": "", "context": "You keep the light."}
    await characters.save(boris, filled(name="Nora", interests=["Jazz"], **english))
    await characters.save(boris, filled(name="Вера", interests=["Москва"]))
    assert (await interests.offered("ru"), await interests.offered("en")) == (["Москва"], ["Jazz"])
    await profile.save(ira, "Ира", "", "", "", tastes=Tastes("", ("Москва", "#москва", "jazz")))
    async with database.read() as db:
        assert (await db.get_one(User, ira.user_id)).interests == ["Москва", "jazz"]
