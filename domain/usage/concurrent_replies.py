"""Concurrency limit per user: a limit on the user's running replies, since others want places at the model too."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import BindParameter
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from domain.clock import now
from domain.errors import RateLimited
from domain.language import N_
from domain.model.dialog import Dialog, Message, State

A_REPLY_TAKES = timedelta(seconds=10)
"""Retry-After for programs: the usual time that a reply takes."""


class TooManyAtOnce(RateLimited):
    """The user already has the maximum number of replies running or queued."""

    def __init__(self, limit: int) -> None:
        super().__init__(now() + A_REPLY_TAKES, field="text")
        self.text = N_("At most {limit} replies can be written for you at once. Please wait for one of them to finish.")
        self.values["limit"] = limit


async def running_replies(db: AsyncSession, person_id: int) -> int:
    """The number of the user's replies in progress, including queued ones."""
    return (await db.exec(counting_running_replies(person_id))).one()


def counting_running_replies(person_id: int | BindParameter[int]) -> SelectOfScalar[int]:
    return (
        select(func.count())
        .select_from(Message)
        .join(Dialog, col(Dialog.id) == col(Message.dialog_id))
        .where(Message.state == State.RUNNING, Dialog.user_id == person_id)
    )
