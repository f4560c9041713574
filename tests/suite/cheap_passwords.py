"""Fast password hashing for all tests that are not about its cost: a real hash takes 50 ms each time.

It is limited to this process. A server that the tests start keeps the real cost; it verifies cheap hashes that are put
into its database as quickly, since each hash says what it cost.
"""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from domain.accounts import passwords

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def use(patch: pytest.MonkeyPatch) -> None:
    nobodys = CHEAP.hash("nobody has this password")
    patch.setattr(passwords, "_hasher", lambda: CHEAP)
    patch.setattr(passwords, "_nobodys_hash", lambda: nobodys)
