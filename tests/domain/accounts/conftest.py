from __future__ import annotations

from tests.domain.erasure.conftest import boris, ira, leaving, reply_writer, server

__all__ = ["boris", "ira", "leaving", "reply_writer", "server"]
