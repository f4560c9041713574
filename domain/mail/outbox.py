"""Mail queue (transactional outbox, with retries): mails are rows until the mail server has accepted them, so that a
server that is down neither loses a mail nor keeps anybody waiting.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Text, event
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Field, col, delete, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import now
from domain.email_address import EMAIL_LIMIT
from domain.mail.letters import Mail, MailDeferred, Mailer, MailRejected
from storage.database import Database, DatabaseUnavailable
from storage.tables import NO_ID_REUSE, Table

log = logging.getLogger(__name__)

SUBJECT_LIMIT = 200
AT_ONCE = 5
"""Maximum mails sent at the same time, each over a connection of its own."""
HAND_OVER = 60  # timeout in seconds for one mail
CLAIM = timedelta(seconds=2 * HAND_OVER)
"""Lease: the time for which a mail claimed by an instance is nobody else's; after that the instance counts as dead."""
PAUSES = [timedelta(seconds=seconds) for seconds in (30, 60, 120, 300, 600)]
"""Retry policy (backoff): the pause after each failure; the last one applies to all further ones."""
LOOKS_EVERY = 30  # seconds, for mails that a dead instance left
GRACE = 5  # seconds for mails being sent at shutdown


class QueuedMail(Table, table=True):
    """A queued mail; deleted once it is sent, or once its links have expired."""

    __tablename__ = "outgoing_letter"

    id: int = Field(default=None, primary_key=True)
    recipient: str = Field(max_length=EMAIL_LIMIT)
    subject: str = Field(max_length=SUBJECT_LIMIT)
    text: str = Field(sa_type=Text)
    html: str = Field(default="", sa_type=Text)
    tries: int = 0
    try_at: datetime = Field(default_factory=now, index=True)
    """Not to be sent before then; an instance that claims it moves this forward, so that no other one does too."""
    good_until: datetime
    created_at: datetime = Field(default_factory=now)

    __table_args__ = NO_ID_REUSE


class Outbox:
    """The queue of outgoing mails and the task that sends them."""

    def __init__(self, database: Database, mailer: Mailer) -> None:
        self._database = database
        self._mailer = mailer
        self._posted = asyncio.Event()
        self._closing = False
        self._delivering: asyncio.Task[None] | None = None

    def enqueue(self, db: AsyncSession, letter: Mail, good_until: datetime) -> None:
        """Queue the mail in the caller's transaction: its cause and the mail are committed together or not at all.

        It is sent soon after the commit, and retried until `good_until`.
        """
        db.add(
            QueuedMail(
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
        """Shut down after the mails being sent; an interrupted one would be sent a second time later."""
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
            except (DatabaseUnavailable, SQLAlchemyError) as error:
                log.warning("Letters could not be looked for (%s)", type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._posted.wait(), pause)

    async def _claim(self) -> list[QueuedMail]:
        """Claim the mails that are due, for the time it takes to send them."""
        due = select(QueuedMail).where(QueuedMail.try_at <= now()).order_by(col(QueuedMail.id))
        async with self._database.read() as db:
            if (await db.exec(due.limit(1))).first() is None:
                return []  # nearly always: no need for the write lock
        async with self._database.write() as db:
            letters = list(await db.exec(due.limit(AT_ONCE).with_for_update(skip_locked=True)))
            for letter in letters:
                letter.try_at = now() + CLAIM
                letter.tries += 1
        return letters

    async def _hand_over_all(self, letters: list[QueuedMail]) -> None:
        """Send concurrently; one with an unexpected error is retried with the others after its claim expires."""
        ends = await asyncio.gather(*(self._hand_over(letter) for letter in letters), return_exceptions=True)
        for letter, end in zip(letters, ends, strict=True):
            if isinstance(end, Exception):
                log.error("Letter %s met an unexpected error", letter.id, exc_info=end)

    async def _hand_over(self, kept: QueuedMail) -> None:
        """Send one mail. Neither address nor text is logged: a mail contains the key to an account."""
        if kept.good_until <= now():
            log.error("Letter %s could not be sent in time and is dropped after %s tries", kept.id, kept.tries - 1)
            await self._forget(kept)
            return
        try:
            async with asyncio.timeout(HAND_OVER):
                await self._mailer.send(Mail(kept.recipient, kept.subject, kept.text, kept.html))
        except MailRejected as error:
            log.warning("Letter %s is refused for good (%s)", kept.id, error)
        except (MailDeferred, TimeoutError) as error:
            log.warning("Letter %s could not be sent, try %s (%s)", kept.id, kept.tries, error or "no answer in time")
            await self._put_off(kept)
            return
        await self._forget(kept)

    async def _put_off(self, kept: QueuedMail) -> None:
        """Reschedule it after the next pause, or drop it if it expires before."""
        again = min(now() + PAUSES[min(kept.tries, len(PAUSES)) - 1], kept.good_until)
        async with self._database.write() as db:
            await db.exec(update(QueuedMail).where(col(QueuedMail.id) == kept.id).values(try_at=again))

    async def _forget(self, kept: QueuedMail) -> None:
        async with self._database.write() as db:
            await db.exec(delete(QueuedMail).where(col(QueuedMail.id) == kept.id))

    async def _until_next(self) -> float:
        """Seconds until the next mail is due, at most `LOOKS_EVERY`."""
        async with self._database.read() as db:
            next_one = (await db.exec(select(func.min(QueuedMail.try_at)))).one()
        if next_one is None:
            return LOOKS_EVERY
        return min(max((next_one - now()).total_seconds(), 0), LOOKS_EVERY)
