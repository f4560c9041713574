"""Former accounts (port): data kept of deleted accounts. It is implemented in a higher room, by ban evasion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.model.user import User


class FormerAccounts(Protocol):
    """Called whenever an account gets or loses something that identifies a returning person
    (domain/moderation/ban_evasion.py).
    """

    def of_address(self, email: str) -> str:
        """The fingerprint of an address."""

    def of_identity(self, provider: str, subject: str) -> str:
        """The fingerprint of an account at another site."""

    async def store_for_released_key(self, db: AsyncSession, person: User, fingerprint: str) -> None:
        """The account goes on without this address or identity."""

    async def reapply(self, db: AsyncSession, person: User, *fingerprints: str) -> Sequence[int]:
        """The account has got these; returns the ids of former accounts, for `transfer_counts` after the commit."""

    async def transfer_counts(self, former_ids: Sequence[int], person_id: int) -> None:
        """Transfer the counts of the former accounts to this one."""
