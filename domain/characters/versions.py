"""Versions of a published character: what it was before each change, to compare with and to go back to."""

from __future__ import annotations

from domain.rate_limits import RateLimiter
from storage.database import Database


class CharacterVersions:
    def __init__(self, database: Database, limits: RateLimiter) -> None:
        self._database = database
        self._limits = limits
