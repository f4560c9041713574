from __future__ import annotations

from tests.domain.admin.conftest import admin_world, server, world

__all__ = ["admin_world", "server", "world"]
