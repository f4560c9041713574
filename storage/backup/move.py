"""Moving from SQLite to PostgreSQL: every row, all or nothing, compared afterwards.

One transaction on either side: all reads see one snapshot, and the writes take effect as a whole or not at all, so a
move that breaks off is simply begun again. Sums of row hashes are compared, which need no order of the rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from hashlib import sha256
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Json
from sqlalchemy import JSON, Connection, MetaData, NullPool, Table, create_engine, func, select, text

from storage import sqlite
from storage.backup.progress import Progress
from storage.backup.refused import Refused
from storage.full_text import FullText
from storage.url import read_url

AT_ONCE = 2000
FILLED_BY_MIGRATIONS = ("starter_set",)
"""Tables that have rows even in a database that nobody has used yet."""
Row = Sequence[Any]


def move_rows(
    source: str, target: str, metadata: MetaData, indexes: Mapping[str, FullText], progress: Progress
) -> dict[str, int]:
    """Move all rows; returns their number by table. `indexes` are the full-text indexes by the table they belong to.
    Both databases are at this version's revision. Raises `Refused`.
    """
    sqlite_engine = create_engine(read_url(source, blocking=True), poolclass=NullPool, hide_parameters=True)
    sqlite.set_up(sqlite_engine, begin="BEGIN", busy_timeout=10_000, query_only="ON")
    postgres_engine = create_engine(read_url(target), poolclass=NullPool, hide_parameters=True)
    tables = metadata.sorted_tables
    try:
        with sqlite_engine.begin() as there, postgres_engine.begin() as here:
            _check_empty(here, tables)
            counts = {table.name: int(there.scalar(select(func.count()).select_from(table)) or 0) for table in tables}
            progress.begin("Copying", sum(counts.values()))
            sums = {table.name: _copy(there, here, table, progress) for table in tables}
            for table_name, full_text in indexes.items():
                _copy_words(there, here, full_text, table_name)
            _set_sequences(there, here, tables)
            progress.begin("Comparing", sum(counts.values()))
            for table in tables:
                if _sum(_canonical(_rows(here, table, progress))) != sums[table.name]:
                    raise Refused(f"The rows of {table.name} are not the same afterwards. Nothing was moved.")
        with postgres_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as here:
            here.execute(text("ANALYZE"))
    finally:
        sqlite_engine.dispose()
        postgres_engine.dispose()
    return counts


def _check_empty(here: Connection, tables: Iterable[Table]) -> None:
    for table in tables:
        if table.name in FILLED_BY_MIGRATIONS:
            here.execute(table.delete())
        elif here.scalar(select(select(table).exists())):
            raise Refused("There is something in that database already: it must be empty. Nothing was moved.")


def _copy(there: Connection, here: Connection, table: Table, progress: Progress) -> tuple[int, int]:
    """Copy a table; returns the number of rows read and the sum of their hashes."""
    driver: Any = here.connection.driver_connection
    into = SQL("COPY {} ({}) FROM STDIN").format(
        Identifier(table.name), SQL(", ").join(Identifier(column.name) for column in table.columns)
    )
    is_json = [isinstance(column.type, JSON) for column in table.columns]
    count = total = 0
    try:
        with driver.cursor() as cursor, cursor.copy(into) as copy:
            for row in _rows(there, table, progress):
                copy.write_row([_as_kept(value, wrap) for value, wrap in zip(row, is_json, strict=True)])
                count, total = count + 1, (total + _hash(row)) % 2**256
    except psycopg.Error as error:
        why = (error.diag.message_primary or str(error)).partition("\n")[0]
        raise Refused(f"PostgreSQL does not take a row of {table.name}: {why}. Nothing was moved.") from error
    return count, total


def _rows(connection: Connection, table: Table, progress: Progress) -> Iterator[Row]:
    found = connection.execution_options(yield_per=AT_ONCE).execute(select(table))
    for rows in found.partitions():
        yield from rows
        progress.advance(len(rows))


def _as_kept(value: Any, is_json: bool) -> Any:
    if is_json and value is not None:
        return Json(value)
    return value.value if isinstance(value, Enum) else value


def _sum(hashes: Iterable[int]) -> tuple[int, int]:
    count = total = 0
    for each in hashes:
        count, total = count + 1, (total + each) % 2**256
    return count, total


def _canonical(rows: Iterable[Row]) -> Iterator[int]:
    return map(_hash, rows)


def _hash(row: Row) -> int:
    words = json.dumps([_plain(value) for value in row], ensure_ascii=False, sort_keys=True, default=str)
    return int.from_bytes(sha256(words.encode("utf-8", "surrogatepass")).digest())


def _plain(value: Any) -> Any:
    """The value in a form that is the same for both databases."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value.value if isinstance(value, Enum) else value


def _copy_words(there: Connection, here: Connection, full_text: FullText, table_name: str) -> None:
    """Copy a full-text index: a table with a different shape in each database, and the same words."""
    of_rows = f"WHERE rowid IN (SELECT id FROM {table_name})"  # noqa: S608 - our own name
    found = there.execute(text(f"SELECT rowid, {', '.join(full_text.parts)} FROM {full_text.name} {of_rows}"))  # noqa: S608 - our own names
    insert = text(f"INSERT INTO {full_text.name} (id, tokens) VALUES (:id, array_to_tsvector(CAST(:tokens AS text[])))")  # noqa: S608 - our own names
    moved = 0
    for rows in found.partitions(AT_ONCE):
        values = [
            {
                "id": row[0],
                "tokens": full_text.lexemes(dict(zip(full_text.parts, map(str.split, row[1:]), strict=True))),
            }
            for row in rows
        ]
        here.execute(insert, values)
        moved += len(values)
    if here.scalar(text(f"SELECT count(*) FROM {full_text.name}")) != moved:  # noqa: S608 - our own name
        raise Refused("The words of the search are not the same afterwards. Nothing was moved.")


def _set_sequences(there: Connection, here: Connection, tables: Iterable[Table]) -> None:
    """Continue each sequence after the largest id ever assigned, to rows since deleted too."""
    given = {name: int(last) for name, last in there.execute(text("SELECT name, seq FROM sqlite_sequence"))}
    for table in tables:
        column = table.autoincrement_column
        if column is None:
            continue
        largest = max(int(there.scalar(select(func.max(column))) or 0), given.get(table.name, 0))
        sequence = here.scalar(
            text("SELECT pg_get_serial_sequence(:name, :id)"), {"name": f'"{table.name}"', "id": column.name}
        )
        if largest and sequence:
            here.execute(text("SELECT setval(:sequence, :largest)"), {"sequence": sequence, "largest": largest})
