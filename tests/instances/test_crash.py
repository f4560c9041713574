"""Kills of a random instance: a short form of tests/crash_instances.py."""

from __future__ import annotations

import pytest

from tests.crash_instances import run


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
async def test_kills_of_a_random_one_of_two_lose_double_and_orphan_nothing(empty_database_url: str) -> None:
    damage = await run(empty_database_url, kills=2, seed=20261128)
    assert damage.acknowledged > 50
    assert damage.harm == 0, damage
