"""Starter characters: eight in each language that exist on the first day, owned by an account nobody can log in to.

A file `assets/characters/<language>/<slug>.toml` holds the card of each and what the demo model says in its role
(domain/llm/demo); the portrait is the same in every language.
"""

from __future__ import annotations

import asyncio
import logging
import tomllib
from pathlib import Path
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.characters.validation import check
from domain.model.character import LANGUAGE_LIMIT, AgeMark, Character, Gender
from domain.model.picture import Picture
from domain.model.user import SYSTEM_EMAIL, User
from domain.pictures.crop import SIZES
from domain.pictures.photos import Photos
from storage.database import Database, violates
from storage.files import FilesUnavailable
from storage.tables import Table

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parents[2] / "assets" / "characters"
SLUGS = ("aglaya", "tikhon", "varka", "zhuk", "lukian", "vera", "shorokh", "timur")
"""Slugs of the starter characters, in the order of the gallery."""
LANGUAGES = ("en", "ru")
"""In the order of creation: the last one comes first in the gallery."""


class StarterSet(Table, table=True):
    """The starter characters of a language have been brought in: those deleted since stay deleted."""

    __tablename__ = "starter_set"

    language: str = Field(primary_key=True, max_length=LANGUAGE_LIMIT)


async def add_starter_characters(database: Database, photos: Photos) -> None:
    """Create those of each language once; of two instances that start at the same time one does."""
    async with database.read() as db:
        settled = set(await db.exec(select(StarterSet.language)))
    missing = [language for language in LANGUAGES if language not in settled]
    if not missing:
        return
    cards = await asyncio.to_thread(lambda: [_card(language, slug) for language in missing for slug in reversed(SLUGS)])
    try:
        tokens = [await photos.put(_portrait(character.starter)) for character in cards]
    except FilesUnavailable as error:  # the photos stored so far have no row, so the sweeper finds them
        log.warning("The starter characters will come with the next start, since pictures cannot be kept: %s", error)
        return
    try:
        async with database.write() as db:
            db.add_all(StarterSet(language=language) for language in missing)
            await db.flush()
            system = await _system_account(db)
            db.add_all(Picture(token=token, owner_id=system.id) for token in tokens)
            await db.flush()
            for character, token in zip(cards, tokens, strict=True):
                character.owner_id, character.picture_token = system.id, token
                db.add(character)
                await db.flush()  # one by one, since the order of ids is the order in the gallery
    except IntegrityError as error:
        for token in tokens:
            await photos.discard(token)
        if not (violates(error, "pk_starter_set") or violates(error, "uq_user_email_key")):
            raise
        log.info("Another instance has brought in the demo characters at the same time.")


async def _system_account(db: AsyncSession) -> User:
    """The account that owns them, made for the first of them."""
    system = (await db.exec(select(User).where(User.email_key == SYSTEM_EMAIL))).first()
    if system is None:
        system = User(email=SYSTEM_EMAIL, email_key=SYSTEM_EMAIL, display_name="Beseda")
        db.add(system)
        await db.flush()
    return system


def _portrait(slug: str) -> dict[str, bytes]:
    """The portrait's files, drawn ahead by domain/pictures/resize.py: on a first start that would take longer than all
    the rest.
    """
    files = {size: FOLDER / f"{slug}.{size}.webp" for size in SIZES if size != "large"}
    files["large"] = FOLDER / f"{slug}.webp"
    return {size: file.read_bytes() for size, file in files.items()}


def _card(language: str, slug: str) -> Character:
    """The character of a file, without its owner and its photo."""
    told: dict[str, Any] = tomllib.loads((FOLDER / language / f"{slug}.toml").read_text("utf-8"))["card"]
    character = Character(
        starter=slug,
        language=language,
        gender=Gender(told["gender"]),
        age_mark=AgeMark(told["age_mark"]),
        **{field: told[field] for field in ("name", "teaser", "bio", "greeting", "context", "interests")},
    )
    check(character)
    return character
