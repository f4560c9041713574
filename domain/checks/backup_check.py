"""Backup check: is there one, is it of today, and was it whole when it was last read?"""

from __future__ import annotations

from domain.backup.records import backup_health
from domain.checks.finding import Finding, Subject, Verdict
from domain.clock import now
from domain.language import N_
from storage.database import Database

HOUR = 3600


async def check_backups(database: Database) -> Finding:
    async with database.read() as db:
        last = await backup_health(db)
    if last is None:
        return Finding(
            Subject.BACKUP,
            Verdict.NOTE,
            N_("None has been made with main.py backup."),
            N_("Have it run once a day, unless you back up by other means."),
        )
    hours: dict[str, str | float] = {"hours": (now() - last.made_at).total_seconds() / HOUR}
    if last.is_late:
        text, advice = (
            N_("The last one is {hours} hours old."),
            N_("Find out why main.py backup no longer runs every day."),
        )
        return Finding(Subject.BACKUP, Verdict.WRONG, text, advice, hours)
    if last.is_sound is False:
        text, advice = N_("The last check found damage."), N_("Make a new one, and look at the disk it is on.")
        return Finding(Subject.BACKUP, Verdict.WRONG, text, advice)
    if last.checked_at is None:
        text, advice = N_("The last one is {hours} hours old."), N_("Check it once in a while: main.py verify FILE")
        return Finding(Subject.BACKUP, Verdict.OK, text, advice, hours)
    return Finding(Subject.BACKUP, Verdict.OK, N_("The last one is {hours} hours old."), values=hours)
