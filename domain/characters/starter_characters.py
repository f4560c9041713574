"""Starter characters: eight that exist on the first day, owned by an account nobody can log in to."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from domain.characters.validation import check
from domain.model.character import AgeMark, Character, Gender
from domain.model.picture import Picture
from domain.model.user import User
from domain.pictures.crop import SIZES
from domain.pictures.photos import Photos
from storage.database import Database, violates

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parents[2] / "assets" / "characters"
SYSTEM_EMAIL = "beseda@system.invalid"


async def settle_demo_characters(database: Database, photos: Photos) -> None:
    """Create them once: the existence of the system account marks it as done, so deleted ones stay deleted."""
    async with database.read() as db:
        if (await db.exec(select(User.id).where(User.email_key == SYSTEM_EMAIL))).first():
            return
    told = json.loads((FOLDER / "characters.json").read_text("utf-8"))
    tokens = [await photos.put(_portrait(each["slug"])) for each in told]
    try:
        async with database.write() as db:
            system = User(email=SYSTEM_EMAIL, email_key=SYSTEM_EMAIL, display_name="Beseda")
            db.add(system)
            await db.flush()
            db.add_all(Picture(token=token, owner_id=system.id) for token in tokens)
            await db.flush()
            for each, token in reversed(list(zip(told, tokens, strict=True))):
                db.add(_character(system, each, token))
                await db.flush()  # one by one: the order of ids is the order in the gallery
    except IntegrityError as error:
        for token in tokens:
            await photos.discard(token)
        if not violates(error, "uq_user_email_key"):
            raise
        log.info("Another instance has brought in the demo characters at the same time.")


def _portrait(slug: str) -> dict[str, bytes]:
    """As domain/pictures/resize.py has drawn it: on a first start that would take longer than all the rest."""
    files = {size: FOLDER / f"{slug}.{size}.webp" for size in SIZES if size != "large"}
    files["large"] = FOLDER / f"{slug}.webp"
    return {size: file.read_bytes() for size, file in files.items()}


def _character(owner: User, told: dict[str, Any], picture_token: str) -> Character:
    character = Character(
        owner_id=owner.id,
        gender=Gender(told["gender"]),
        age_mark=AgeMark(told["age_mark"]),
        picture_token=picture_token,
        **{field: told[field] for field in ("name", "teaser", "bio", "greeting", "context", "interests")},
    )
    check(character)
    return character
