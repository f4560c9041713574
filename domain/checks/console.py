"""`main.py check`: one line for each finding, in the language of the terminal."""

from __future__ import annotations

import os

from domain.checks.checks import run_checks
from domain.checks.finding import SUBJECTS, VERDICTS, Verdict
from domain.language import Texts, language_of
from domain.llm.select import language_model, trace_only_if_asked
from domain.settings.settings import Settings
from storage.database import Database

WAIT = 5.0  # seconds for the database


async def print_checks(settings: Settings) -> int:
    """Print the findings; the exit code is 1 if something is wrong."""
    _ = Texts(language_of(os.environ))
    width = max(len(_(name)) for name in SUBJECTS.values())
    database = Database(settings.database, wait=WAIT)
    trace_only_if_asked(settings)
    is_wrong = False
    try:
        async for finding in run_checks(settings, database, language_model(settings)):
            is_wrong |= finding.verdict == Verdict.WRONG
            verdict = f"{_(VERDICTS[finding.verdict])}:"
            print(f"{_(SUBJECTS[finding.subject]):{width}}  {verdict:10} {finding.in_words(_)}", flush=True)
    finally:
        await database.close()
    return 1 if is_wrong else 0
