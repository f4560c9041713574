"""Compiled statements kept from one test's database to the next.

Each engine has a cache of its own, and each test an engine: compiling the same statements again and again was a quarter
of the cost of a test with a database. Statements are compiled for a dialect, and here all engines of one kind have
equal dialects.
"""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

MOST = 5_000
"""More than all tests have: what falls out would be compiled again."""


def keep(patch: pytest.MonkeyPatch) -> None:
    caches: dict[type[object], LRUCache[object, object]] = {}

    def of(engine: Engine) -> LRUCache[object, object]:
        return caches.setdefault(type(engine.dialect), LRUCache(MOST))

    def leave_own(_engine: Engine, _own: object) -> None:
        pass

    patch.setattr(Engine, "_compiled_cache", property(of, leave_own), raising=False)
    patch.setattr(DefaultDialect, "__eq__", lambda one, other: type(one) is type(other))
    patch.setattr(DefaultDialect, "__hash__", lambda one: hash(type(one)))
