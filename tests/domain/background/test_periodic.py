"""Periodic tasks over several instances: what is meant once is done by one of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import update

from domain.background.periodic import PeriodicTask
from domain.instances.claims import Claim, ClaimedTask
from domain.services import build_services
from domain.settings.settings import Settings
from storage.database import Database

CLAIMED = {
    "RollUp": "sums up hours, days and people of the whole database",
    "Popularity": "counts for all characters",
    "WordIndex": "indexes dialogs of the whole database that are behind",
    "PhotoSweeper": "deletes photos that nobody uses",
    "Bin": "gives up what has lain in the bin for a month",
    "BanEvasion": "deletes what was kept of former accounts",
    "Trials": "deletes accounts of people who never signed up",
}
NOT_CLAIMED = {
    "AbandonedReplies": "locks each row it ends, and must come soon after an instance has died",
    "MeasureExpiry": "locks each measure it lifts, and should not be late",
    "SessionUse": "writes what this instance's own pages have seen",
    "DistantReplies": "looks for what this instance's own pages wait for",
    "OpenSessions": "asks about this instance's own pages",
    "MemoryKeeper": "takes each summary by its row, and that of an instance that died must not wait",
    "ClockSkew": "compares this instance's own clock",
}
"""The outbox (domain/mail) is no `PeriodicTask`: it claims each letter."""


def test_each_periodic_task_is_claimed_or_need_not_be(tmp_path: Path) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:9/nowhere"
    services = build_services(Settings(data_dir=tmp_path, database_url=nowhere, _env_file=None))
    claimed, not_claimed = set[str](), set[str]()
    for job in [*services.in_background, services.clock_skew]:
        for task in vars(job).values():
            if isinstance(task, PeriodicTask):
                (claimed if task.claim else not_claimed).add(type(job).__name__)
    assert claimed == CLAIMED.keys()
    assert not_claimed == NOT_CLAIMED.keys()


async def test_one_of_several_instances_does_it_and_another_when_it_is_due_again(
    database: Database, dialect: str
) -> None:
    here, there = Claim(database, "popularity", 600), Claim(database, "popularity", 600)
    other = Claim(database, "roll_up", 600)
    assert await here()
    assert await there() == (dialect == "sqlite")  # whose file has one process, with nothing to claim
    assert await other()
    async with database.write() as db:
        await db.exec(update(ClaimedTask).values(next_at=ClaimedTask.next_at - timedelta(seconds=540)))
    assert await there()
    assert await here() == (dialect == "sqlite")
