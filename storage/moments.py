"""Moments in SQL: the database's own time, by which leases are written and compared, and the hour of a timestamp,
computed alike on both databases as hours since 1970, UTC.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, Interval, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel.sql.sqltypes import UTCDateTime


class HourBucket(FunctionElement[int]):
    """The hour of a timestamp column: `HourBucket(column)`."""

    name = "hour_of"
    type = Integer()
    inherit_cache = True


@compiles(HourBucket, "sqlite")
def _from_text(element: HourBucket, compiler: SQLCompiler, **options: Any) -> str:
    return f"(CAST(strftime('%s', {compiler.process(element.clauses, **options)}) AS INTEGER) / 3600)"


@compiles(HourBucket, "postgresql")
def _from_moment(element: HourBucket, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(floor(extract(epoch FROM {compiler.process(element.clauses, **options)}) / 3600) AS INTEGER)"


class DatabaseTime(FunctionElement[datetime]):
    """Now, plus `later`, by PostgreSQL's clock: each instance has a clock of its own, and one that is wrong must not
    mistake what others hold for expired. A SQLite file has one process, so there it is `here`, that process's own time.
    """

    name = "database_time"
    type = UTCDateTime()
    inherit_cache = True

    def __init__(self, here: datetime | ColumnElement[datetime], later: timedelta = timedelta()) -> None:
        if isinstance(here, datetime):
            here = literal(here + later, UTCDateTime)
        super().__init__(here, literal(later, Interval))


@compiles(DatabaseTime, "sqlite")
def _of_this_process(element: DatabaseTime, compiler: SQLCompiler, **options: Any) -> str:
    here, _later = element.clauses
    return compiler.process(here, **options)


@compiles(DatabaseTime, "postgresql")
def _of_the_server(element: DatabaseTime, compiler: SQLCompiler, **options: Any) -> str:
    _here, later = element.clauses
    return f"(clock_timestamp() + {compiler.process(later, **options)})"
