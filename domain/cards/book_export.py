"""Exporting a lorebook as a file that other programs read: `lorebook_v3`."""

from __future__ import annotations

from domain.accounts.sessions import Caller
from domain.cards.card_export import CardDownload
from domain.rate_limits import RateLimiter
from storage.database import Database


class BookExport:
    def __init__(self, database: Database, limits: RateLimiter) -> None:
        self._database = database
        self._limits = limits

    async def export(self, caller: Caller, book_id: int) -> CardDownload:
        """A world of the caller's, or the book of a character that the caller may change, as JSON.

        Raises `NotFound`, `RateLimited`.
        """
        raise NotImplementedError
