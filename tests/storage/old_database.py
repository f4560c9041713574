"""Databases as older versions have left them."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from storage.migrate import MIGRATIONS
from storage.url import read_url


def upgrade_to(url: str, revision: str) -> None:
    """As an older version would have left it."""
    file = read_url(url, blocking=True).database
    if url.startswith("sqlite") and file:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(read_url(url, blocking=True))
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS))
        config.set_main_option("path_separator", "os")
        command.upgrade(config, revision)
    engine.dispose()
