"""Importing lorebooks that are files of their own: as a world, or into a character's book."""

from __future__ import annotations

from domain.accounts.sessions import Caller
from domain.cards.reading import BookFile
from domain.cards.workers import Workers
from domain.model.book import Book
from domain.rate_limits import RateLimiter
from storage.database import Database


class BookImport:
    def __init__(self, database: Database, limits: RateLimiter, workers: Workers) -> None:
        self._database = database
        self._limits = limits
        self._workers = workers

    async def preview(self, caller: Caller, data: bytes, file_name: str = "") -> BookFile:
        """What the file says, without keeping anything: a lorebook, or the book of a card. Raises `Invalid` for `file`,
        `RateLimited`, `Busy`.
        """
        raise NotImplementedError

    async def keep_as_world(self, caller: Caller, data: bytes, file_name: str = "") -> Book:
        """Make a world of the caller's of it, named as it says, else like its file. Raises `Invalid` for `file`,
        `QuotaReached`, `RateLimited`, `Busy`.
        """
        raise NotImplementedError

    async def keep_in_character(
        self, caller: Caller, character_id: int, data: bytes, file_name: str = "", *, replaces: bool = False
    ) -> Book:
        """Add its entries behind those of the character's own book, or put it in that one's place. For whoever may
        change the character. Raises `NotFound`, `NotAllowed`, and as above.
        """
        raise NotImplementedError
