"""Fixtures: a conversation's world."""

from __future__ import annotations

from tests.domain.chat.conftest import server, world

__all__ = ["server", "world"]
