"""Fixtures: the use cases of card files, over real databases, files and worker processes."""

from __future__ import annotations

import pytest

from domain.cards.book_export import BookExport
from domain.cards.book_import import BookImport
from domain.cards.card_export import CardExport
from domain.cards.card_import import CardImport
from domain.cards.card_pictures import CardPictures
from domain.cards.workers import Workers
from domain.pictures.photos import Photos
from domain.rate_limits import RateLimiter
from storage.database import Database


@pytest.fixture
def card_pictures(database: Database, photos: Photos, limits: RateLimiter) -> CardPictures:
    return CardPictures(database, photos, limits)


@pytest.fixture
def importing(
    database: Database, photos: Photos, limits: RateLimiter, workers: Workers, card_pictures: CardPictures
) -> CardImport:
    return CardImport(database, photos, limits, workers, card_pictures)


@pytest.fixture
def book_import(database: Database, limits: RateLimiter, workers: Workers) -> BookImport:
    return BookImport(database, limits, workers)


@pytest.fixture
def book_export(database: Database, limits: RateLimiter, workers: Workers) -> BookExport:
    return BookExport(database, limits, workers)


@pytest.fixture
def exporting(database: Database, photos: Photos, limits: RateLimiter, workers: Workers) -> CardExport:
    return CardExport(database, photos, limits, workers)
