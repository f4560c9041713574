"""Database URL: what people may write in `DATABASE_URL`."""

from __future__ import annotations

import pytest

from storage.url import read_url


@pytest.mark.parametrize(
    ("written", "driver"),
    [
        ("sqlite:///./beseda.db", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:///beseda.db", "sqlite+aiosqlite"),
        ("postgresql://someone:word@host/beseda", "postgresql+psycopg"),
        ("postgres://someone:word@host:5433/beseda", "postgresql+psycopg"),
        ("postgresql+asyncpg://host/beseda", "postgresql+psycopg"),
    ],
)
def test_addresses_are_taken_as_people_write_them(written: str, driver: str) -> None:
    assert read_url(written).drivername == driver


def test_the_rest_of_an_address_stays_as_it_is() -> None:
    url = read_url("postgres://someone:p%40ss@host:5433/beseda?sslmode=require")
    assert (url.username, url.password, url.host, url.port) == ("someone", "p@ss", "host", 5433)
    assert (url.database, dict(url.query)) == ("beseda", {"sslmode": "require"})


@pytest.mark.parametrize(
    "written",
    [
        "",
        "beseda.db",
        "mysql://me:s3cret@host/x",
        "postgres://me:s3cret@host:port/x",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_other_addresses_are_refused_without_repeating_a_password(written: str) -> None:
    with pytest.raises(ValueError, match="address") as refusal:
        read_url(written)
    assert "s3cret" not in str(refusal.value)
