"""Ratings: one vote per user and character, from 1 to 10, by users who have talked with it themselves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import aliased
from sqlmodel import Field, UniqueConstraint, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, authorize_writer
from domain.characters.visibility import get_visible
from domain.clock import now
from domain.errors import Invalid, NotAllowed
from domain.llm.port import Role
from domain.model.character import FIRST_SCORE, Character
from domain.model.dialog import Dialog, Message, State
from domain.model.user import User
from storage.database import LOCK_FOR_UPDATE, Database
from storage.tables import NO_ID_REUSE, Table

LOWEST, HIGHEST = 1, 10
FIRST_VOTES = 8
ANSWERED = (State.DONE, State.STOPPED, State.INTERRUPTED)


class Vote(Table, table=True):
    """A user's rating of a character."""

    id: int = Field(default=None, primary_key=True)
    character_id: int = Field(foreign_key="character.id", ondelete="CASCADE")
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    value: int
    created_at: datetime = Field(default_factory=now)

    __table_args__ = (
        UniqueConstraint("character_id", "user_id"),
        CheckConstraint(f"value BETWEEN {LOWEST} AND {HIGHEST}", name="value"),
        NO_ID_REUSE,
    )


class Votes:
    """`Character` holds their sum, number and score, updated with them while its row is locked."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rate(self, caller: Caller, character_id: int, value: int | None) -> None:
        """Set, change, or (with None) withdraw one's vote.

        Raises `Invalid` for `rating`, `NotFound`; `NotAllowed` for its author and for users who have not talked with
        it.
        """
        if value is not None and not LOWEST <= value <= HIGHEST:
            raise Invalid(
                "A rating is a number from {lowest} to {highest}.", field="rating", lowest=LOWEST, highest=HIGHEST
            )
        async with self._database.write() as db:
            person = await authorize_writer(db, caller)
            character = await get_visible(db, person, character_id)
            if value is not None and character.owner_id == person.id:
                raise NotAllowed("This is your own character.", field="rating")
            if value is not None and not await has_talked(db, person, character):
                raise NotAllowed("Chat with this character first, then rate them.", field="rating")
            await db.refresh(character, with_for_update=LOCK_FOR_UPDATE)
            mine = Vote.character_id == character.id, Vote.user_id == person.id
            vote = (await db.exec(select(Vote).where(*mine))).first()
            _count(character, -vote.value if vote else 0, -1 if vote else 0)
            _count(character, value or 0, 1 if value else 0)
            if vote:
                await db.delete(vote)
                await db.flush()
            if value is not None:
                db.add(Vote(character_id=character.id, user_id=person.id, value=value))


async def withdraw_votes(db: AsyncSession, person: User) -> None:
    """Withdraw all votes of a user whose account is being deleted."""
    mine = select(Vote).where(Vote.user_id == person.id)
    voted = (await db.exec(select(Vote.character_id).where(Vote.user_id == person.id))).all()
    of_those = select(Character).where(col(Character.id).in_(voted)).order_by(col(Character.id))
    characters = {each.id: each for each in await db.exec(of_those.with_for_update(**LOCK_FOR_UPDATE))}
    for vote in await db.exec(mine):
        _count(characters[vote.character_id], -vote.value, -1)
        await db.delete(vote)


def mean_of(character: Character) -> float:
    """The mean of its votes, to one decimal place; 0 if there are none."""
    return round(character.votes_sum / character.votes_count, 1) if character.votes_count else 0.0


def score_of(votes_sum: int, votes_count: int) -> float:
    """Bayesian average: a few votes of `FIRST_SCORE` are added, so that a single 10 does not win."""
    return (votes_sum + FIRST_VOTES * FIRST_SCORE) / (votes_count + FIRST_VOTES)


def _count(character: Character, more: int, votes: int) -> None:
    character.votes_sum += more
    character.votes_count += votes
    character.score = score_of(character.votes_sum, character.votes_count)


async def has_talked(db: AsyncSession, person: User, character: Character) -> bool:
    """Whether the user ever wrote something to it and got a reply, whatever became of that chat.

    Imported dialogs do not count: anybody can write such a file.
    """
    said, reply = aliased(Message), aliased(Message)
    answered = (
        select(said.id)
        .join(Dialog, col(Dialog.id) == col(said.dialog_id))
        .join(reply, col(reply.parent_id) == col(said.id))
        .where(Dialog.user_id == person.id, Dialog.character_id == character.id)
        .where(said.role == Role.USER, col(said.is_loaded).is_(False))
        .where(reply.role == Role.ASSISTANT, col(reply.is_loaded).is_(False), reply.text != "")
        .where(col(reply.is_rewritten).is_(False))
        .where(col(reply.state).in_(ANSWERED))
    )
    return (await db.exec(answered.limit(1))).first() is not None
