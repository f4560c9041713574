"""Test data: a hundred thousand people and a million messages, written by the database itself; the same each time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import text

from domain.accounts.sessions import Caller, LoginSession
from domain.clock import now
from domain.model.user import User
from domain.statistics.roll_up import RollUp
from storage.database import Database

PEOPLE, CHARACTERS, DIALOGS, TURNS = 100_000, 10_000, 100_000, 5
YEAR, SEASON = 365 * 86_400, 90 * 86_400  # seconds
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "

FILLING = (
    # A name, an address and a day in the last year for each.
    (
        PEOPLE,
        """INSERT INTO "user" (id, email, email_key, display_name, language, created_at)
        SELECT i, 'p' || i || '@example.test', 'p' || i || '@example.test',
            'Человек ' || (i * 7919 % 100003), 'ru', {moment:{end} - {year} + i * ({year} / {people})}
        FROM n""",
    ),
    # Every fifth has logged in; the last ones are online.
    (
        PEOPLE // 5,
        """INSERT INTO login_session (id, user_id, token_hash, created_at, entered_at, seen_at, expires_at)
        SELECT i, i * 5, 'hash ' || i, {moment:{end} - i * 90}, {moment:{end} - i * 90}, {moment:{end} - i * 60},
            {moment:{end} + 2592000}
        FROM n""",
    ),
    (
        CHARACTERS,
        """INSERT INTO "character" (id, owner_id, name, name_key, gender, age_mark, teaser, bio, greeting, context,
            interests, is_public, created_at, updated_at, talks)
        SELECT i, 1 + i * 31 % 5000, 'Герой ' || (i * 733 % 10007), 'герой ' || (i * 733 % 10007), 'female', '12+',
            '', '', '', '', '[]', {true}, {moment:{end} - {year} + i * 3000}, {moment:{end} - i * 700}, i * 17 % 3001
        FROM n""",
    ),
    # Every third dialog belongs to a few hundred people, who have hundreds each; every fifth is with one of ten
    # characters.
    (
        DIALOGS,
        """INSERT INTO dialog (id, user_id, character_id, started_at, spoken_at)
        SELECT i, CASE WHEN i % 3 = 0 THEN 1 + i / 3 % 300 ELSE 1 + i * 8101 % {people} END,
            CASE WHEN i % 5 = 0 THEN 1 + i / 5 % 10 ELSE 1 + i * 1103 % 10000 END,
            {moment:{end} - {season} + i * ({season} / {dialogs}.0)},
            {moment:{end} - {season} + i * ({season} / {dialogs}.0) + 600}
        FROM n""",
    ),
    # Ten messages each, a minute apart; the last four after some hours.
    (
        DIALOGS * TURNS * 2,
        """INSERT INTO message (id, dialog_id, parent_id, role, text, state, fault, reference, model, tokens_in,
            tokens_out, cost, first_text_ms, created_at)
        SELECT i, 1 + (i - 1) / 10, CASE WHEN i % 10 = 1 THEN NULL ELSE i - 1 END,
            CASE WHEN i % 2 = 1 THEN 'user' ELSE 'assistant' END, 'Слова, о которых здесь никто не спрашивает.',
            CASE WHEN i % 200 = 0 THEN 'failed' WHEN i % 302 = 0 THEN 'filtered' ELSE 'done' END,
            CASE WHEN i % 200 = 0 THEN 'too_slow' ELSE '' END, CASE WHEN i % 200 = 0 THEN 'ab12cd34' ELSE '' END,
            CASE WHEN i % 2 = 1 THEN '' WHEN i % 6 = 0 THEN 'yandexgpt/latest' ELSE 'yandexgpt-lite/latest' END,
            CASE WHEN i % 2 = 1 THEN NULL ELSE 300 + i * 79 % 2000 END,
            CASE WHEN i % 2 = 1 THEN NULL ELSE 40 + i % 300 END,
            CASE WHEN i % 2 = 1 THEN NULL ELSE 60000 + i * 791 % 400000 END,
            CASE WHEN i % 2 = 1 THEN NULL ELSE 200 + i * 1047 % 5000 END,
            {moment:{end} - {season} + (1 + (i - 1) / 10) * ({season} / {dialogs}.0) + (i - 1) % 10 * 60
                + CASE WHEN (i - 1) % 10 < 6 THEN 0 ELSE 14400 END}
        FROM n""",
    ),
    (
        2_000,
        """INSERT INTO report (id, reporter_id, character_id, complaint, words, state, answer, created_at)
        SELECT i, 1 + i * 37 % {people}, 1 + i * 7 % 900, 'spam', '',
            CASE WHEN i % 4 = 0 THEN 'open' ELSE 'rejected' END, '', {moment:{end} - i * 600}
        FROM n""",
    ),
    (0, 'UPDATE "user" SET is_blocked = {true} WHERE id % 997 = 0'),
    (
        0,
        """UPDATE dialog SET leaf_id = id * 10, messages = 5, (tokens, cost, faults) = (
            SELECT sum(coalesce(tokens_in, 0) + coalesce(tokens_out, 0)), sum(coalesce(m.cost, 0)),
                sum(CASE WHEN m.state <> 'done' THEN 1 ELSE 0 END)
            FROM message m WHERE m.dialog_id = dialog.id)""",
    ),
    (
        0,
        """INSERT INTO usage (hour, user_id, character_id, model, replies, tokens_in, tokens_out, cost, failed,
            filtered)
        SELECT {hour:m.created_at}, d.user_id, d.character_id, m.model, count(*), sum(m.tokens_in),
            sum(m.tokens_out), sum(m.cost), sum(CASE WHEN m.state = 'failed' THEN 1 ELSE 0 END),
            sum(CASE WHEN m.state = 'filtered' THEN 1 ELSE 0 END)
        FROM message m JOIN dialog d ON d.id = m.dialog_id WHERE m.role = 'assistant' GROUP BY 1, 2, 3, 4""",
    ),
)


class _Said:
    """A piece of SQL around the text after the colon of a `{place:…}`."""

    def __init__(self, around: str) -> None:
        self._around = around

    def __format__(self, inside: str) -> str:
        return self._around % inside


DIALECTS = {
    "sqlite": {
        "moment": _Said("strftime('%%Y-%%m-%%d %%H:%%M:%%f000', %s, 'unixepoch')"),
        "hour": _Said("CAST(strftime('%%s', %s) AS INTEGER) / 3600"),
        "true": "1",
    },
    "postgresql": {
        "moment": _Said("to_timestamp(%s)"),
        "hour": _Said("CAST(floor(extract(epoch FROM %s) / 3600) AS INTEGER)"),
        "true": "true",
    },
}


async def fill(database: Database, told: Callable[[str], None]) -> None:
    """Fill an empty database that has all tables; `told` is called with the time that each part took."""
    words = DIALECTS[database.dialect] | {
        "end": int(now().timestamp()) - 600,
        "year": YEAR,
        "season": SEASON,
        "people": PEOPLE,
        "dialogs": DIALOGS,
    }
    for count, statement in FILLING:
        begun = time.monotonic()
        async with database.write() as db:
            numbered = statement.format(**words)
            if count:
                into, _, rows = numbered.partition(" SELECT ")
                numbered = f"{into} {NUMBERS.format(count=count)} SELECT {rows}"
            await (await db.connection()).execute(text(numbered))
        told(f"{statement[:40]}… {time.monotonic() - begun:.1f} s")
    begun = time.monotonic()
    summing = RollUp(database)
    await summing.hours()
    told(f"hours {time.monotonic() - begun:.1f} s")
    begun = time.monotonic()
    await summing.people()
    told(f"people {time.monotonic() - begun:.1f} s")
    if database.dialect == "postgresql":  # as autovacuum does by itself, some minutes later
        async with database.write() as db:
            await (await db.connection()).execute(text("ANALYZE"))


async def an_admin(database: Database) -> Caller:
    """An admin, with ids after all the others, which were not assigned by the database."""
    caller = Caller(session_id=PEOPLE, user_id=PEOPLE + 1)
    async with database.write() as db:
        db.add(User(id=caller.user_id, display_name="Админ", is_admin=True))
        await db.flush()
        db.add(
            LoginSession(
                id=caller.session_id,
                user_id=caller.user_id,
                token_hash="admin",
                entered_at=now(),
                expires_at=now() + timedelta(days=1),
            )
        )
    return caller
