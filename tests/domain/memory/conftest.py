"""Fixtures: the conversation engine of the chat's tests."""

from __future__ import annotations

import pytest

from tests.domain.chat.conftest import ChatWorld, server, world
from tests.domain.memory.memory_world import Remembering, memory_of

__all__ = ["server", "world"]


@pytest.fixture
async def talk(world: ChatWorld) -> Remembering:
    person = await world.somebody()
    return Remembering(world, person, await world.dialog(person), memory_of(world))
