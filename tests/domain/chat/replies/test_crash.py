"""Crash recovery: a short form of tests/crash.py. How often a growing text is kept: test_chat.py."""

from __future__ import annotations

import pytest

from tests.crash import run

pytestmark = pytest.mark.slow


async def test_kills_at_random_moments_lose_double_and_orphan_nothing(empty_database_url: str, dialect: str) -> None:
    moments = {"sqlite": 2, "postgresql": 1}[dialect]  # on PostgreSQL each kill waits ten seconds for leases to run out
    damages = await run(empty_database_url, moments, seed=20261123)
    assert sum(damage.acknowledged for damage in damages) > 20, "somebody must have come to a second message"
    for damage in damages:
        assert damage.harm == 0, damage
