"""Time buckets: the hour of a timestamp, computed alike on both databases as hours since 1970, UTC."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class HourOf(FunctionElement[int]):
    """The hour of a timestamp column: `HourOf(column)`."""

    name = "hour_of"
    type = Integer()
    inherit_cache = True


@compiles(HourOf, "sqlite")
def _from_text(element: HourOf, compiler: SQLCompiler, **options: Any) -> str:
    return f"(CAST(strftime('%s', {compiler.process(element.clauses, **options)}) AS INTEGER) / 3600)"


@compiles(HourOf, "postgresql")
def _from_moment(element: HourOf, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(floor(extract(epoch FROM {compiler.process(element.clauses, **options)}) / 3600) AS INTEGER)"
