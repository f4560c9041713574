"""Time buckets: the hour of a timestamp, computed alike on both databases as hours since 1970, UTC."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


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
