"""Machine check: is there room on the disk, and is the clock right?"""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from sqlmodel import text

from domain.checks.finding import Finding, Subject, Verdict
from domain.clock import now
from domain.language import N_
from domain.llm.model_server import NoAnswer, ask
from domain.settings.settings import Settings
from storage.database import Database

GIGABYTE = 1024**3
SCARCE, TOO_LITTLE = 2.0, 0.3  # gigabytes
DRIFT = 30  # seconds; links and codes last for minutes
WITHIN = 5.0  # seconds


def check_disk(data: Path) -> Finding:
    try:
        with NamedTemporaryFile(dir=data) as file:
            file.write(b"a check")
    except OSError:
        return Finding(
            Subject.DISK,
            Verdict.WRONG,
            N_("Nothing can be written into DATA_DIR."),
            N_("Does the folder belong to the user that runs Beseda, and is there room on the disk?"),
        )
    free = shutil.disk_usage(data).free / GIGABYTE
    values = {"free": free}
    if free >= SCARCE:
        return Finding(Subject.DISK, Verdict.OK, N_("{free} GB are free; DATA_DIR can be written to."), values=values)
    verdict = Verdict.WRONG if free < TOO_LITTLE else Verdict.NOTE
    return Finding(Subject.DISK, verdict, N_("Only {free} GB are free."), N_("Make room soon."), values)


async def check_clock(settings: Settings, database: Database) -> Finding:
    theirs = await _other_clock(settings, database)
    if theirs is None:
        return Finding(Subject.CLOCK, Verdict.OK, N_("Nobody to compare the clock with."))
    seconds = abs((theirs - now()).total_seconds())
    if seconds <= DRIFT:
        return Finding(Subject.CLOCK, Verdict.OK, N_("The clock is right."))
    return Finding(
        Subject.CLOCK,
        Verdict.WRONG,
        N_("This machine's clock is {seconds} s off."),
        N_("Turn on time synchronization (NTP)."),
        {"seconds": seconds},
    )


async def _other_clock(settings: Settings, database: Database) -> datetime | None:
    """The clock of PostgreSQL or, with SQLite, of the model's server; None if there is neither, or no answer."""
    if database.dialect == "postgresql":
        async with database.read() as db:
            moment: datetime = await db.scalar(text("SELECT clock_timestamp()"))
            return moment.astimezone(UTC)
    if settings.is_demo:
        return None
    key, headers = settings.api_key.get_secret_value(), settings.extras.headers
    place = f"{settings.model_address}/models"
    try:
        return (await asyncio.to_thread(ask, place, key=key, headers=headers, within=WITHIN)).date
    except NoAnswer:
        return None
