"""Books, the use cases: what a character knows, and worlds that a person attaches to characters and dialogs."""

from __future__ import annotations

from domain.rate_limits import RateLimiter
from storage.bus import Bus
from storage.database import Database


class Books:
    def __init__(self, database: Database, bus: Bus, limits: RateLimiter) -> None:
        self._database = database
        self._bus = bus
        self._limits = limits
