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
    """Numbers of the sessions, links, letters and running replies that were ended."""

    sessions: int
    links: int
    letters: int
    replies: int


async def end_what_was_pending(url: str) -> Ended:
    """End everything pending in one transaction, before anybody else opens the restored database."""
    database = Database(url)
    try:
        async with database.write() as db:
            statements: list[Any] = [
                delete(LoginSession),  # including tickets, which are sessions not entered yet
                delete(MailedLink),
                delete(QueuedMail),
                update(Message)
                .where(col(Message.state) == State.RUNNING)
                .values(state=State.INTERRUPTED, lease_until=None),
            ]
            counts = [int((await db.exec(statement)).rowcount) for statement in statements]
            await db.exec(delete(FirstAdminLink))
            await db.exec(delete(RunningInstance))  # they ran at the time of the backup, perhaps elsewhere
    finally:
        await database.close()
    return Ended(*counts)
