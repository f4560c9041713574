"""Language of a card: detected from what its author wrote, each time it is saved."""

from __future__ import annotations

import pytest

from domain.accounts.sessions import Caller
from domain.characters.characters import Characters
from domain.characters.duplicate_restore import DuplicateRestore
from domain.errors import InvalidForm
from domain.model.character import Character, Gender
from domain.pictures.photos import Photos
from domain.rate_limits import RateLimiter
from storage.database import Database


def card(name: str = "7", bio: str = "", context: str = "…") -> Character:
    return Character(owner_id=0, name=name, gender=Gender.FEMALE, bio=bio, context=context)


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        ({"name": "Марина"}, "ru"),
        ({"name": "Maggie", "context": "You are Maggie."}, "en"),
        ({"name": "Max", "bio": "Макс, speaks English."}, "ru"),
        ({}, ""),
    ],
)
async def test_it_is_russian_if_any_of_it_is_in_cyrillic(
    characters: Characters, ira: Caller, texts: dict[str, str], language: str
) -> None:
    assert (await characters.save(ira, card(**texts))).language == language


async def test_it_follows_what_the_author_changes(characters: Characters, ira: Caller) -> None:
    kept = await characters.save(ira, card(name="Maggie"))
    changed = await characters.save(
        ira, Character(id=kept.id, owner_id=0, name="Мэгги", gender=kept.gender, context="…")
    )
    assert changed.language == "ru"


async def test_what_the_author_chooses_against_the_texts_stays(characters: Characters, ira: Caller) -> None:
    kept = await characters.save(ira, card(name="Max", bio="Макс, speaks English."))
    kept.language = "en"
    assert (await characters.save(ira, kept, {"language"})).language == "en"
    kept.bio = "Макс. Speaks English, understands Russian."
    assert (await characters.save(ira, kept, {"bio"})).language == "en"
    kept.language = ""  # detected from the texts again
    assert (await characters.save(ira, kept, {"language"})).language == "ru"
    kept.language = "la"
    with pytest.raises(InvalidForm):
        await characters.save(ira, kept, {"language"})


async def test_a_copy_is_no_starter_character(
    database: Database, photos: Photos, limits: RateLimiter, characters: Characters, ira: Caller
) -> None:
    kept = await characters.save(ira, card(name="Марина"))
    async with database.write() as db:
        (await db.get_one(Character, kept.id)).starter = "aglaya"
    copied = await DuplicateRestore(database, photos, limits).duplicate(ira, kept.id)
    assert (copied.starter, copied.language) == ("", "ru")
