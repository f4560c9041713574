"""After a restore: revokes sessions, tokens, links and codes, drops queued letters and ends running replies.

A backup may be a day old, and in that day somebody may have logged out a stolen phone, changed a password or used a
link. So afterwards nobody is logged in, programs included, and no link, code or ticket works. Queued letters are not
sent: some of them already were, and the links in the others are dead. A running reply no longer has a writer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import col, delete, update

from domain.accounts.first_admin import FirstAdminLink
from domain.accounts.mailed_links import MailedLink
from domain.accounts.sessions import LoginSession
from domain.instances.membership import RunningInstance
from domain.mail.outbox import QueuedMail
from domain.model.dialog import Message, State
from storage.database import Database


@dataclass(frozen=True)
class Ended:
    """How many of each there were."""

    sessions: int
    links: int
    letters: int
    replies: int


async def end_what_was_pending(url: str) -> Ended:
    """In one transaction; before anybody else opens the restored database."""
    database = Database(url)
    try:
        async with database.write() as db:
            statements: list[Any] = [
                delete(LoginSession),  # tickets too: they are sessions that were not entered yet
                delete(MailedLink),
                delete(QueuedMail),
                update(Message)
                .where(col(Message.state) == State.RUNNING)
                .values(state=State.INTERRUPTED, lease_until=None),
            ]
            counts = [int((await db.exec(statement)).rowcount) for statement in statements]
            await db.exec(delete(FirstAdminLink))
            await db.exec(delete(RunningInstance))  # those of the moment of the backup, somewhere else perhaps
    finally:
        await database.close()
    return Ended(*counts)
