"""Fixtures: the services of books over real databases."""

from __future__ import annotations

import pytest

from domain.books.book_entries import BookEntries
from domain.books.books import Books
from domain.books.try_out import TryOut
from domain.books.worlds import Worlds
from domain.rate_limits import RateLimiter
from storage.database import Database


@pytest.fixture
def books(database: Database, limits: RateLimiter) -> Books:
    return Books(database, limits)


@pytest.fixture
def entries(database: Database, limits: RateLimiter) -> BookEntries:
    return BookEntries(database, limits)


@pytest.fixture
def worlds(database: Database, limits: RateLimiter) -> Worlds:
    return Worlds(database, limits)


@pytest.fixture
def try_out(database: Database, limits: RateLimiter) -> TryOut:
    return TryOut(database, limits)
