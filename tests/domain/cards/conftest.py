"""Fixtures: the use cases of card files, over real databases, files and worker processes."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from domain.cards.card_export import CardExport
from domain.cards.card_import import CardImport
from domain.cards.workers import Workers
from domain.pictures.photos import Photos
from domain.rate_limits import RateLimiter
from storage.database import Database


@pytest.fixture
async def workers() -> AsyncGenerator[Workers]:
    workers = Workers()
    yield workers
    await workers.close()


@pytest.fixture
def importing(database: Database, photos: Photos, limits: RateLimiter, workers: Workers) -> CardImport:
    return CardImport(database, photos, limits, workers)


@pytest.fixture
def exporting(database: Database, photos: Photos, limits: RateLimiter, workers: Workers) -> CardExport:
    return CardExport(database, photos, limits, workers)
