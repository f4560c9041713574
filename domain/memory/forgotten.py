"""The mark of "forget everything": messages up to it teach nothing and are neither recalled nor summarised, until the
person lets them be read.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.memory.rows import EVERYTHING, MemoryFact
from domain.model.dialog import Message


async def forgotten_upto(db: AsyncSession, dialog_id: int) -> int:
    """The dialog's newest message when everything was forgotten; 0: it never was, or all may be read again."""
    return (await db.exec(_upto(dialog_id))).first() or 0


def was_forgotten(dialog_id: int | BindParameter[int]) -> Any:
    """Whether a message was there when everything was forgotten: a condition for queries."""
    return col(Message.id) <= func.coalesce(_upto(dialog_id).scalar_subquery(), 0)


def _upto(dialog_id: int | BindParameter[int]) -> Any:
    of_everything = MemoryFact.dialog_id == dialog_id, MemoryFact.key_hash == EVERYTHING
    return select(func.max(MemoryFact.forgotten_upto)).where(*of_everything)
