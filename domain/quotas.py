"""Storage quotas: limits on what one user may store in all; the numbers are beyond what anybody reaches by hand.

The contents of the bin count, since they take up disk space as well; so do imports from files. Checked where dialogs,
characters and pictures are added; within an existing dialog only the rate limits of domain/rate_limits.py apply.
"""

from __future__ import annotations

from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.row_locks import lock_exclusively
from domain.errors import NotAllowed
from domain.language import N_
from domain.model.book import Book
from domain.model.character import Character
from domain.model.character_card import CharacterCard
from domain.model.dialog import Dialog, Message
from domain.model.picture import Picture
from domain.model.user import User
from domain.rate_limits import (
    CARD_MEGABYTES_KEPT,
    CHARACTERS_KEPT,
    DIALOGS_KEPT,
    MESSAGES_KEPT,
    PICTURES_KEPT,
    WORLDS_KEPT,
    Quota,
    RateLimiter,
)

TOO_MANY = {
    DIALOGS_KEPT: N_("You have {limit} chats, which is the limit. Continue one of them."),
    MESSAGES_KEPT: N_("You have {limit} messages, so there is no room for another chat. Continue one you have."),
    CHARACTERS_KEPT: N_("You have {limit} characters, which is the limit. Change one of them."),
    PICTURES_KEPT: N_("You have {limit} photos, which is the limit. Delete characters you no longer need."),
    CARD_MEGABYTES_KEPT: N_(
        "Your card files and lorebooks take {limit} MB, which is the limit. Delete characters and worlds you no longer "
        "need."
    ),
    WORLDS_KEPT: N_("You have {limit} worlds, which is the limit. Change one of them."),
}

MEGABYTE = 1_000_000


class QuotaReached(NotAllowed):
    """The user's storage quota is used up."""

    def __init__(self, quota: Quota, most: int) -> None:
        super().__init__(TOO_MANY[quota], limit=most)


async def check_room_for_dialog(db: AsyncSession, person: User, limits: RateLimiter, messages: int = 0) -> None:
    """Check the quota before a dialog with this number of messages is added, in the same transaction; raises
    `QuotaReached`.
    """
    await lock_exclusively(db, person)
    await _check(db, limits, DIALOGS_KEPT, select(Dialog.id).where(Dialog.user_id == person.id))
    kept = select(Message.id).join(Dialog, col(Dialog.id) == Message.dialog_id).where(Dialog.user_id == person.id)
    await _check(db, limits, MESSAGES_KEPT, kept, messages)


async def check_room_for_character(db: AsyncSession, person: User, limits: RateLimiter) -> None:
    await lock_exclusively(db, person)
    await _check(db, limits, CHARACTERS_KEPT, select(Character.id).where(Character.owner_id == person.id))


async def check_room_for_picture(db: AsyncSession, person: User, limits: RateLimiter) -> None:
    await lock_exclusively(db, person)
    await _check(db, limits, PICTURES_KEPT, select(Picture.token).where(Picture.owner_id == person.id))


async def check_room_for_card(db: AsyncSession, person: User, limits: RateLimiter, size: int) -> None:
    """Check the quota before a card or a lorebook of this size is added. The contents of the bin count, too."""
    await lock_exclusively(db, person)
    kept = (
        select(func.coalesce(func.sum(CharacterCard.size), 0))
        .join(Character, col(Character.id) == col(CharacterCard.character_id))
        .where(Character.owner_id == person.id)
    )
    books = select(func.coalesce(func.sum(Book.size), 0)).where(Book.owner_id == person.id)
    most = limits.most(CARD_MEGABYTES_KEPT)
    if (await db.exec(kept)).one() + (await db.exec(books)).one() + size > most * MEGABYTE:
        raise QuotaReached(CARD_MEGABYTES_KEPT, most)


async def check_room_for_world(db: AsyncSession, person: User, limits: RateLimiter) -> None:
    await lock_exclusively(db, person)
    own = select(Book.id).where(Book.owner_id == person.id, col(Book.character_id).is_(None))
    await _check(db, limits, WORLDS_KEPT, own)


async def _check(db: AsyncSession, limits: RateLimiter, quota: Quota, kept: Any, adding: int = 1) -> None:
    """`kept` selects what is stored, by an index; counting stops at the quota."""
    most = limits.most(quota)
    there = (await db.exec(select(func.count()).select_from(kept.limit(most + 1).subquery()))).one()
    if there + adding > most:
        raise QuotaReached(quota, most)
