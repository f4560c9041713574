"""`main.py demo`: fills the database with sample data, shows the progress and prints the result."""

from __future__ import annotations

import logging
import sys

from tqdm import tqdm

from domain.sample_data.fill import Added, fill, people_for
from domain.settings.settings import Settings
from storage.database import Database, DatabaseUnavailable

log = logging.getLogger(__name__)


async def fill_and_report(settings: Settings, characters: int, dialogs: int) -> int:
    """Fill the database; the exit code is 1 if it stops answering. What was added before stays."""
    database = Database(settings.database)
    total = people_for(characters, dialogs) + characters + dialogs
    try:
        with tqdm(total=total, desc="Filling", unit=" rows", unit_scale=True) as bar:
            added = await fill(database, characters, dialogs, bar.update)
    except DatabaseUnavailable as error:
        log.debug("The database's own words", exc_info=error)
        print("The database no longer answers. What was added before stays.", file=sys.stderr)
        return 1
    finally:
        await database.close()
    _tell(added, dialogs)
    return 0


def _tell(added: Added, dialogs: int) -> None:
    print(
        f"Added: people {added.people}, characters {added.characters}, dialogs {added.dialogs} "
        f"with messages {added.messages}."
    )
    if added.dialogs < dialogs:
        print("There is no character that everybody may talk with: add some for the dialogs.")
    print(
        "Nobody can log in as one of these people. Sign up yourself, and to be an admin then run:\n"
        "  main.py admin grant YOUR-EMAIL"
    )
