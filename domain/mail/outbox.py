"""Letters on their way: rows until the mail server has taken them, so that a dead one neither loses a letter nor keeps
anybody waiting.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Text, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlmodel import Field, col, delete, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.user import EMAIL_LIMIT
from domain.clock import now
from domain.mail.letters import Letter, Mailer, NotTaken, Refused
from storage.database import Database
from storage.tables import NEVER_AGAIN, Table

log = logging.getLogger(__name__)

SUBJECT_LIMIT = 200
AT_ONCE = 5
"""Letters handed over at the same time, each by a connection of its own."""
HAND_OVER = 60  # seconds for one letter
CLAIM = timedelta(seconds=2 * HAND_OVER)
"""A letter that an instance took to the server is nobody else's for so long; then its taker counts as dead."""
PAUSES = [timedelta(seconds=seconds) for seconds in (30, 60, 120, 300, 600)]
"""After each failure; the last one goes for all that follow."""
LOOKS_EVERY = 30  # seconds, for letters that a dead instance left
GRACE = 5  # seconds that letters being handed over get when the server goes down


class OutgoingLetter(Table, table=True):
    """Deleted once it is sent, or once its links have died."""

    __tablename__ = "outgoing_letter"

    id: int = Field(default=None, primary_key=True)
    recipient: str = Field(max_length=EMAIL_LIMIT)
    subject: str = Field(max_length=SUBJECT_LIMIT)
    text: str = Field(sa_type=Text)
    html: str = Field(default="", sa_type=Text)
    tries: int = 0
    try_at: datetime = Field(default_factory=now, index=True)
    """Not before then; whoever takes it to the mail server moves it on first, so that no other instance does too."""
    good_until: datetime
    created_at: datetime = Field(default_factory=now)

    __table_args__ = NEVER_AGAIN


class Outbox:
    def __init__(self, database: Database, mailer: Mailer) -> None:
        self._database = database
        self._mailer = mailer
        self._posted = asyncio.Event()
        self._closing = False
        self._delivering: asyncio.Task[None] | None = None

    def post(self, db: AsyncSession, letter: Letter, good_until: datetime) -> None:
        """Add the letter to the caller's transaction: what it tells of and the letter are kept together or not at all.

        It is handed over soon after the commit, and tried again until `good_until`.
        """
        db.add(
            OutgoingLetter(
                recipient=letter.to,
                subject=letter.subject,
                text=letter.text,
                html=letter.html,
                good_until=good_until,
            )
        )
        event.listen(db.sync_session, "after_commit", lambda _session: self._posted.set(), once=True)

    async def start(self) -> None:
        self._delivering = asyncio.create_task(self._deliver(), name="outbox")

    async def close(self) -> None:
        """End after the letters that are being handed over; cut off, one would be sent a second time later."""
        if self._delivering:
            self._closing = True
            self._posted.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._delivering, GRACE)

    async def _deliver(self) -> None:
        while not self._closing:
            self._posted.clear()
            pause: float = LOOKS_EVERY
            try:
                if letters := await self._claim():
                    await self._hand_over_all(letters)
                    continue
                pause = await self._until_next()
            except (DBAPIError, NoConnection) as error:
                log.warning("Letters could not be looked for (%s)", type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._posted.wait(), pause)

    async def _claim(self) -> list[OutgoingLetter]:
        """Letters that are due, now ours alone for the time it takes to hand them over."""
        due = select(OutgoingLetter).where(OutgoingLetter.try_at <= now()).order_by(col(OutgoingLetter.id))
        async with self._database.read() as db:
            if (await db.exec(due.limit(1))).first() is None:
                return []  # as nearly always: no need to take the writer's turn
        async with self._database.write() as db:
            letters = list(await db.exec(due.limit(AT_ONCE).with_for_update(skip_locked=True)))
            for letter in letters:
                letter.try_at = now() + CLAIM
                letter.tries += 1
        return letters

    async def _hand_over_all(self, letters: list[OutgoingLetter]) -> None:
        """At the same time; one that meets an error nobody thought of comes again with the others after its claim."""
        ends = await asyncio.gather(*(self._hand_over(letter) for letter in letters), return_exceptions=True)
        for letter, end in zip(letters, ends, strict=True):
            if isinstance(end, Exception):
                log.error("Letter %s met an unexpected error", letter.id, exc_info=end)

    async def _hand_over(self, kept: OutgoingLetter) -> None:
        """Neither address nor text stands in the log: a letter holds the key to an account."""
        if kept.good_until <= now():
            log.error("Letter %s could not be sent in time and is dropped after %s tries", kept.id, kept.tries - 1)
            await self._forget(kept)
            return
        try:
            async with asyncio.timeout(HAND_OVER):
                await self._mailer.send(Letter(kept.recipient, kept.subject, kept.text, kept.html))
        except Refused as error:
            log.warning("Letter %s is refused for good (%s)", kept.id, error)
        except (NotTaken, TimeoutError) as error:
            log.warning("Letter %s could not be sent, try %s (%s)", kept.id, kept.tries, error or "no answer in time")
            await self._put_off(kept)
            return
        await self._forget(kept)

    async def _put_off(self, kept: OutgoingLetter) -> None:
        """Until after the next pause, or until its end, when it is dropped."""
        again = min(now() + PAUSES[min(kept.tries, len(PAUSES)) - 1], kept.good_until)
        async with self._database.write() as db:
            await db.exec(update(OutgoingLetter).where(col(OutgoingLetter.id) == kept.id).values(try_at=again))

    async def _forget(self, kept: OutgoingLetter) -> None:
        async with self._database.write() as db:
            await db.exec(delete(OutgoingLetter).where(col(OutgoingLetter.id) == kept.id))

    async def _until_next(self) -> float:
        """Seconds until the next letter is due, `LOOKS_EVERY` at most."""
        async with self._database.read() as db:
            next_one = (await db.exec(select(func.min(OutgoingLetter.try_at)))).one()
        if next_one is None:
            return LOOKS_EVERY
        return min(max((next_one - now()).total_seconds(), 0), LOOKS_EVERY)
