"""Front page for somebody logged in: their latest chats, new characters, their favourites."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement
from sqlalchemy.orm import load_only
from sqlalchemy.sql.base import ExecutableOption
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from domain.accounts.sessions import Caller, authenticate
from domain.characters.favourites import Favourite
from domain.characters.visibility import is_open, of_age
from domain.clock import now
from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.model.user import SYSTEM_EMAIL, User
from storage.database import Database

ON_A_SHELF = 4
NEW_FOR = timedelta(days=14)
SHOWN = ("id", "name", "nickname", "gender", "teaser", "bio", "picture_token", "portrait", "deleted_at", "created_at")


@dataclass(frozen=True)
class LatestChat:
    """A chat to go on with. Of `character` only the columns `SHOWN` are loaded."""

    dialog_id: int
    title: str
    character: Character

    @property
    def name(self) -> str:
        return self.title or self.character.name


@dataclass(frozen=True)
class Shelves:
    """At most `ON_A_SHELF` of each."""

    latest: list[LatestChat]
    new: list[Character]
    favourites: list[Character]


class FrontPage:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def shelves(self, caller: Caller) -> Shelves:
        async with self._database.read() as db:
            person = await authenticate(db, caller)
            starred = _shown(person).join(Favourite, col(Favourite.character_id) == Character.id)
            starred = starred.where(Favourite.user_id == person.id).order_by(col(Favourite.created_at).desc())
            return Shelves(
                await _latest(db, person), await _new(db, person), list(await db.exec(starred.limit(ON_A_SHELF)))
            )


async def _latest(db: AsyncSession, person: User) -> list[LatestChat]:
    own = (
        select(Dialog.id, Dialog.title, Character)
        .join(Character, col(Character.id) == Dialog.character_id)
        .where(Dialog.user_id == person.id, col(Dialog.deleted_at).is_(None), col(Dialog.messages) > 0)
        .order_by(col(Dialog.spoken_at).desc(), col(Dialog.id).desc())
        .options(_columns())
    )
    return [LatestChat(*row) for row in await db.exec(own.limit(ON_A_SHELF))]


async def _new(db: AsyncSession, person: User) -> list[Character]:
    """New characters by other people, without those that came with the server."""
    known = select(User.id).where(User.email_key == SYSTEM_EMAIL)
    others = col(Character.owner_id) != person.id, col(Character.owner_id).not_in(known)
    newest = _shown(person, *others).order_by(col(Character.id).desc()).limit(ON_A_SHELF)
    # Not in the query, which would read the whole table to find that nothing is new.
    return [each for each in await db.exec(newest) if each.created_at > now() - NEW_FOR]


def _shown(viewer: User, *conditions: ColumnElement[bool]) -> SelectOfScalar[Character]:
    return select(Character).where(is_open(), *of_age(viewer), *conditions).options(_columns())


def _columns() -> ExecutableOption:
    return load_only(*(getattr(Character, name) for name in SHOWN), raiseload=True)
