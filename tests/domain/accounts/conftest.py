from __future__ import annotations

from tests.domain.erasure.conftest import leaving, reply_writer, server

__all__ = ["leaving", "reply_writer", "server"]
