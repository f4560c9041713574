"""Full-text search of the gallery, as people type into it; the same cases on both databases."""

from __future__ import annotations

import pytest

from domain.accounts.sessions import Caller
from domain.characters import gallery_search
from domain.characters.characters import Characters
from domain.characters.duplicate_restore import DuplicateRestore
from domain.characters.gallery import Gallery
from domain.characters.gallery_query import GalleryQuery
from domain.pictures.photos import Photos
from domain.rate_limits import RateLimiter
from domain.stemming import roots, roots_apart
from storage.database import Database
from tests.domain.conftest import filled, listed

PEOPLE = (
    {"name": "Аглая Ветрова", "teaser": "Хозяйка букинистической лавки", "interests": ["книги", "Москва"]},
    {
        "name": "Пётр Алексеевич",
        "teaser": "Корабел и токарь",
        "bio": "Строит корабли в Воронеже.",
        "interests": ["море"],
    },
    {"name": "Sherlock", "teaser": "A detective who runs stories", "bio": "Baker Street", "interests": ["scrabble"]},
    {
        "name": "Юрий Ёжиков",
        "teaser": "Космонавт в отставке",
        "bio": "Летал дважды. Любит чай.",
        "interests": ["звёзды"],
    },
    {"name": "Мирон", "teaser": "Чает несбыточного", "bio": "Не пьёт.", "interests": []},
    {"name": "Лев Павлович", "teaser": "Пишет о любви и о людях", "bio": "Шёл мимо и завёл пса.", "interests": ["сны"]},
)
CASES = {
    "Москве": "Аглая Ветрова",  # inflected
    "книгами": "Аглая Ветрова",
    "корабля": "Пётр Алексеевич",
    "чаю": "Юрий Ёжиков",  # tea, and not «чаять», to hope, of which it could be a form as well
    "Аглаей": "Аглая Ветрова",
    "story": "Sherlock",
    "running": "Sherlock",
    "петр": "Пётр Алексеевич",  # ё is е
    "ПЁТР": "Пётр Алексеевич",
    "ежиков": "Юрий Ёжиков",
    "звезда": "Юрий Ёжиков",
    "льву": "Лев Павлович",  # where the stem is another in each form
    "любовь": "Лев Павлович",
    "человек": "Лев Павлович",
    "пёс идёт": "Лев Павлович",
    "сон": "Лев Павлович",
    "букин": "Аглая Ветрова",  # beginnings
    "вет": "Аглая Ветрова",
    "юр": "Юрий Ёжиков",
    "ю": "Юрий Ёжиков",
    "fukfz": "Аглая Ветрова",  # the wrong layout
    ".hbq": "Юрий Ёжиков",
    "`;brjd": "Юрий Ёжиков",
    "ырукдщсл": "Sherlock",
    "[jpzqrf": "Аглая Ветрова",
    "Aglaya": "Аглая Ветрова",  # the wrong alphabet
    "yuriy": "Юрий Ёжиков",
    "лавка в Москве": "Аглая Ветрова",  # several words, all of them
    "ветрова книга": "Аглая Ветрова",
    "звёзды и чай": "Юрий Ёжиков",  # «и» stands nowhere on the card
    "море, Воронеж!": "Пётр Алексеевич",
    "море Москва": "",
    "глая": "",  # not from the middle
    "мор космонавт": "",
}


@pytest.fixture(params=[gallery_search.FEW, 0], ids=["few", "many"], autouse=True)
def hit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many hits are ordered in another way than few; both ways have to find the same."""
    monkeypatch.setattr(gallery_search, "FEW", request.param)


@pytest.fixture
async def everybody(characters: Characters, ira: Caller) -> list[str]:
    return [(await characters.save(ira, filled(**each))).name for each in PEOPLE]


@pytest.mark.usefixtures("everybody")
async def test_what_people_type_finds_whom_they_mean(gallery: Gallery) -> None:
    found = {typed: ", ".join(await listed(gallery, None, GalleryQuery(words=typed))) for typed in CASES}
    assert found == CASES


async def test_nothing_typed_is_an_order_to_the_database(gallery: Gallery, everybody: list[str]) -> None:
    for typed in (
        *('"', "'", "*", "''", '""', "(", "^", ":", "&", "!", "|", "<->", "{} :", "-", "\\", "%", "_", ";", "\0"),
        *("…", "🦔", "  \n", "'; --", "\ud800", "́", '"*"'),
    ):
        assert sorted(await listed(gallery, None, GalleryQuery(words=typed))) == sorted(everybody), "no word, no search"
    for typed in (
        *("Аглая NOT", "Аглая AND", "NEAR(Аглая Ветрова)", "Аглая OR Пётр", "name:Аглая", "Аглая & !Ветрова"),
        *("{name}: Аглая OR bio", "'Аглая':* | x", "-Аглая zz", "x' OR 1=1 --", "ж" * 5_000, "ǅ Ⅻ ｆｆ"),
    ):
        assert len(await listed(gallery, None, GalleryQuery(words=typed))) <= 1, typed
    for typed in ('"Аглая"*', "Аглая*", "(Аглая", "Аглая:", "Агла\0я", "^Аглая", "Аглая'", "!Аглая", "Аглая -"):
        assert await listed(gallery, None, GalleryQuery(words=typed)) in (["Аглая Ветрова"], []), typed


async def test_the_name_counts_most_then_the_teaser_the_interests_and_the_bio(
    characters: Characters, gallery: Gallery, ira: Caller
) -> None:
    for fields in (
        {"name": "Четвёртая", "bio": "Живёт у самого моря, у моря, у моря."},
        {"name": "Морева"},
        {"name": "Третья", "interests": ["море"]},
        {"name": "Вторая", "teaser": "Смотрит на море"},
        {"name": "Мора"},
        {"name": "Море"},
    ):
        await characters.save(ira, filled(**{"teaser": "", "interests": []} | fields))
    found = await listed(gallery, None, GalleryQuery(words="море"))
    assert found == ["Море", "Мора", "Морева", "Вторая", "Третья", "Четвёртая"]


async def test_the_search_knows_at_once_what_an_author_changed(
    characters: Characters, gallery: Gallery, database: Database, photos: Photos, limits: RateLimiter, ira: Caller
) -> None:
    async def found(words: str) -> list[str]:
        return await listed(gallery, None, GalleryQuery(words=words))

    made = await characters.save(ira, filled(name="Аглая"))
    await characters.save(ira, filled(id=made.id, name="Варвара", teaser=""))
    assert (await found("Аглая"), await found("маяк"), await found("Варвара")) == ([], [], ["Варвара"])
    await characters.delete(ira, made.id)
    assert await found("Варвара") == []
    await DuplicateRestore(database, photos, limits).restore(ira, made.id)
    assert await found("Варвара") == ["Варвара"]


async def test_roots_from_a_process_of_its_own_are_the_same() -> None:
    words = ["любви", "люди", "maple", "кот"]
    assert await roots_apart(words) == {word: roots(word) for word in words}
