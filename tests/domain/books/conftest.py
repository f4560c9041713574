"""The services of books over real databases."""

from __future__ import annotations

import pytest

from domain.books.book_entries import BookEntries
from domain.books.books import Books
from domain.books.try_out import TryOut
from domain.books.worlds import Worlds
from domain.rate_limits import RateLimiter
from storage.bus import Bus
from storage.database import Database


@pytest.fixture
def books(database: Database, bus: Bus, limits: RateLimiter) -> Books:
    return Books(database, bus, limits)


@pytest.fixture
def entries(database: Database, bus: Bus, limits: RateLimiter) -> BookEntries:
    return BookEntries(database, bus, limits)


@pytest.fixture
def worlds(database: Database, bus: Bus, limits: RateLimiter) -> Worlds:
    return Worlds(database, bus, limits)


@pytest.fixture
def try_out(database: Database, limits: RateLimiter) -> TryOut:
    return TryOut(database, limits)
