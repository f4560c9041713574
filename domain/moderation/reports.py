"""Abuse reports: users report a character, or something it said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, Text
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, authorize_writer
from domain.characters.visibility import get_visible
from domain.clock import now
from domain.errors import Invalid, NotAllowed, NotFound
from domain.model.character import Character
from domain.model.dialog import Dialog, Message
from domain.model.user import User
from domain.rate_limits import REPORTS, RateLimiter
from domain.text import cleaned, is_visible, with_plain_breaks
from storage.bus import Bus
from storage.columns import choice, clamp_id
from storage.database import LOCK_FOR_UPDATE, Database
from storage.tables import NO_ID_REUSE, Table

WORDS_LIMIT = 1_000


class Complaint(StrEnum):
    """The category of a report, as chosen by the reporter."""

    CHILDREN = "children"
    VIOLENCE = "violence"
    HATE = "hate"
    ADULT = "adult"  # without the 18+ mark
    REAL_PERSON = "real_person"
    SPAM = "spam"
    OTHER = "other"


class ReportState(StrEnum):
    OPEN = "open"
    POSTPONED = "postponed"
    UPHELD = "upheld"
    REJECTED = "rejected"


class Report(Table, table=True):
    """An abuse report about a character or a message of it."""

    id: int = Field(default=None, primary_key=True)
    reporter_id: int = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    character_id: int = Field(foreign_key="character.id", ondelete="CASCADE", index=True)
    """The reported character, or the one whose message is reported."""
    message_id: int | None = Field(default=None, foreign_key="message.id", ondelete="SET NULL", index=True)
    complaint: Complaint = Field(sa_type=choice(Complaint))
    words: str = Field(default="", sa_type=Text)
    state: ReportState = Field(default=ReportState.OPEN, sa_type=choice(ReportState))
    taken_by_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    postponed_until: datetime | None = None
    answer: str = Field(default="", sa_type=Text)
    """The final answer to the reporter."""
    closed_at: datetime | None = None
    created_at: datetime = Field(default_factory=now)

    __table_args__ = (Index("ix_report_state_created_at", "state", "created_at"), NO_ID_REUSE)


@dataclass(frozen=True)
class ReportFiled:
    """Event: a report was filed; `about` is 0, since there is one queue."""

    about: int = 0


class Reports:
    """Files reports for the moderation queue."""

    def __init__(self, database: Database, bus: Bus, limits: RateLimiter) -> None:
        self._database = database
        self._bus = bus
        self._limits = limits

    async def file(
        self, caller: Caller, character_id: int, complaint: Complaint, words: str, message_id: int | None = None
    ) -> int:
        """Report a character or, with `message_id`, its message in the caller's own dialog; returns the report's id.

        Takes from the rate limit. Raises `Invalid` (for the field `words`, or if this user has already reported it),
        `NotFound`, `RateLimited`; `NotAllowed` for one's own characters and for what no character said: one's own or
        imported messages.
        """
        words = clean_comment(words, complaint)
        await self._limits.take(REPORTS, caller.user_id)
        async with self._database.write() as db:
            reporter = await authorize_writer(db, caller)
            # With the user's row locked, reports by one user are serialised, and a double click makes one.
            await db.refresh(reporter, with_for_update=LOCK_FOR_UPDATE)
            character = await _reported(db, reporter, character_id, message_id)
            if await _is_open_already(db, reporter, character, message_id):
                raise Invalid("You've already reported this. We'll look into it.")
            report = Report(
                reporter_id=reporter.id,
                character_id=character.id,
                message_id=message_id,
                complaint=complaint,
                words=words,
            )
            db.add(report)
            await db.flush()
        self._bus.publish(ReportFiled())
        return report.id


def clean_comment(typed: str, complaint: Complaint) -> str:
    """The reporter's comment; required only for "something else", which says nothing by itself."""
    words = cleaned(typed, WORDS_LIMIT, with_plain_breaks)
    if len(words) > WORDS_LIMIT:
        raise Invalid("At most {limit} characters.", field="words", limit=WORDS_LIMIT)
    if not is_visible(words, allowed="\n\t\u200d"):
        raise Invalid("This text has invisible characters in it.", field="words")
    if complaint is Complaint.OTHER and not words:
        raise Invalid("Please say in a few words what is wrong.", field="words")
    return words


async def _reported(db: AsyncSession, reporter: User, character_id: int, message_id: int | None) -> Character:
    if message_id is None:
        character = await get_visible(db, reporter, character_id)
    else:
        character = await _speaker(db, reporter, character_id, message_id)
    if character.owner_id == reporter.id:
        raise NotAllowed("This is your own character.")
    return character


async def _speaker(db: AsyncSession, reporter: User, character_id: int, message_id: int) -> Character:
    """The character that said that message to the reporter; it may be hidden by now, but its message is still there."""
    found = await db.exec(
        select(Character, Message)
        .join(Dialog, col(Dialog.character_id) == col(Character.id))
        .join(Message, col(Message.dialog_id) == col(Dialog.id))
        .where(Message.id == clamp_id(message_id), Dialog.user_id == reporter.id)
        .where(Character.id == clamp_id(character_id))
    )
    row = found.first()
    if row is None:
        raise NotFound("No such message.")
    character, message = row
    if not message.is_characters_own:
        raise NotAllowed("You can only report what the character said here.")
    return character


async def _is_open_already(db: AsyncSession, reporter: User, character: Character, message_id: int | None) -> bool:
    same = select(Report.id).where(Report.reporter_id == reporter.id, Report.character_id == character.id)
    same = same.where(col(Report.message_id).is_(None) if message_id is None else Report.message_id == message_id)
    return (await db.exec(same.where(col(Report.closed_at).is_(None)))).first() is not None
