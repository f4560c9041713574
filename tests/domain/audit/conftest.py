from __future__ import annotations

from tests.domain.admin.conftest import house, office, server

__all__ = ["house", "office", "server"]
