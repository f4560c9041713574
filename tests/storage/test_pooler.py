"""Poolers before PostgreSQL: one that hands connections on after each transaction is refused, whatever it lets pass."""

from __future__ import annotations

import psycopg
import pytest

from storage.backup.in_use import unused
from storage.pooler import PoolsTransactions, refuse_pooled_transactions
from tests.storage.transaction_pooler import transaction_pooler


@pytest.mark.own_database  # nobody else is connected to it
@pytest.mark.parametrize("dialect", ["postgresql"])
def test_a_pooler_of_transactions_is_refused(database_url: str) -> None:
    with transaction_pooler(database_url) as pooled:
        with psycopg.connect(pooled) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(PoolsTransactions, match="pool_mode = session"):
            refuse_pooled_transactions(pooled)
        with pytest.raises(PoolsTransactions), unused(pooled):
            pass


def test_a_database_of_our_own_is_not(database_url: str) -> None:
    refuse_pooled_transactions(database_url)
