from __future__ import annotations

from tests.domain.erasure.conftest import leaving, server, turns

__all__ = ["leaving", "server", "turns"]
