"""Fixtures: the world of the chat's tests."""

from __future__ import annotations

from tests.domain.chat.conftest import server, world

__all__ = ["server", "world"]
