"""What people think of a character: one vote each, from 1 to 10."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, ColumnElement, and_
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, UniqueConstraint, col, delete, func, select

from domain.accounts.sessions import Caller, require
from domain.accounts.user import User
from domain.characters.character import Character
from domain.characters.characters import visible
from domain.errors import Busy, Invalid
from domain.moments import now
from storage.database import Database, violates
from storage.tables import NEVER_AGAIN, Table

LOWEST, HIGHEST = 1, 10


class Vote(Table, table=True):
    id: int = Field(default=None, primary_key=True)
    character_id: int = Field(foreign_key="character.id", ondelete="CASCADE")
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    value: int
    created_at: datetime = Field(default_factory=now)

    __table_args__ = (
        UniqueConstraint("character_id", "user_id"),
        CheckConstraint(f"value BETWEEN {LOWEST} AND {HIGHEST}", name="value"),
        NEVER_AGAIN,
    )


@dataclass(frozen=True)
class Rating:
    """The mean of the votes, 0 while there are none."""

    mean: float = 0.0
    count: int = 0


class Votes:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def rate(self, caller: Caller, character_id: int, value: int | None) -> None:
        """Give one's vote, change it, or take it back with None; raises `Invalid` for `rating`, `NotFound`."""
        if value is not None and not LOWEST <= value <= HIGHEST:
            raise Invalid(
                "A vote is a number from {lowest} to {highest}.", field="rating", lowest=LOWEST, highest=HIGHEST
            )
        try:
            async with self._database.write() as db:
                person = await require(db, caller)
                character = await visible(db, person, character_id)
                await db.exec(delete(Vote).where(_mine(person, character)))
                if value is not None:
                    db.add(Vote(character_id=character.id, user_id=person.id, value=value))
        except IntegrityError as error:
            if not violates(error, "uq_vote_character_id_user_id"):
                raise
            raise Busy("Two votes came at the same moment. Please vote again.", field="rating") from error

    async def ratings(self, character_ids: Iterable[int]) -> dict[int, Rating]:
        """What people think of each of these characters; those without votes are left out."""
        async with self._database.read() as db:
            found = await db.exec(
                select(Vote.character_id, func.avg(Vote.value), func.count())
                .where(col(Vote.character_id).in_(list(character_ids)))
                .group_by(col(Vote.character_id))
            )
            return {character_id: Rating(round(float(mean), 1), count) for character_id, mean, count in found}


def _mine(person: User, character: Character) -> ColumnElement[bool]:
    return and_(col(Vote.character_id) == character.id, col(Vote.user_id) == person.id)
