"""Relationship of a user to a character: whether they talked, where they can continue, how they rated it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, select

from domain.accounts.sessions import Caller, authenticate
from domain.characters.favourites import Favourite
from domain.characters.reply_feedback import FeedbackCount, feedback_on_character
from domain.characters.visibility import get_visible
from domain.characters.votes import Vote, has_talked
from domain.model.dialog import Dialog
from storage.database import Database


@dataclass(frozen=True)
class Relation:
    dialog_id: int | None = None
    """The most recent dialog that is not in the bin."""
    has_talked: bool = False
    """Whether the user ever wrote something and got a reply, which a vote requires."""
    is_favourite: bool = False
    vote: int = 0
    """The user's rating, 1 to 10, or 0 for none."""
    feedback: FeedbackCount = FeedbackCount()  # noqa: RUF009 - a tuple, which nothing changes
    """Feedback on the character's replies, if it is the user's own: sums, without a word of the dialogs."""


class Relations:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def between(self, caller: Caller | None, character_id: int) -> Relation:
        """The relationship; empty if nobody is logged in. Raises `NotFound` like every access to a character."""
        if caller is None:
            return Relation()
        async with self._database.read() as db:
            person = await authenticate(db, caller)
            character = await get_visible(db, person, character_id)
            dialogs = select(Dialog.id).where(Dialog.user_id == person.id, Dialog.character_id == character.id)
            last = dialogs.where(col(Dialog.deleted_at).is_(None)).order_by(col(Dialog.spoken_at).desc()).limit(1)
            is_own = character.owner_id == person.id
            vote = select(Vote.value).where(Vote.character_id == character.id, Vote.user_id == person.id)
            return Relation(
                dialog_id=(await db.exec(last)).first(),
                has_talked=await has_talked(db, person, character),
                is_favourite=await db.get(Favourite, (person.id, character.id)) is not None,
                vote=(await db.exec(vote)).first() or 0,
                feedback=await feedback_on_character(db, character.id) if is_own else FeedbackCount(),
            )
