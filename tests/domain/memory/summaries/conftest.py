"""Fixtures: the keeper of memory over a real database and a real model server."""

from __future__ import annotations

from tests.domain.chat.conftest import server, world
from tests.domain.memory.summaries.keeper_world import keeping

__all__ = ["keeping", "server", "world"]
