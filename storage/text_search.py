"""Texts compared without regard to case, in Cyrillic too, and with ё as е: alike on both databases.

SQLite's own lower() knows Latin letters only. What PostgreSQL's knows hangs on the locale its cluster was made with, so
the Russian alphabet is spelled out for it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

CAPITALS = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"


def fold(text: str) -> str:
    """`text` as it is compared."""
    return text.lower().replace("ё", "е")


SQLITE_FUNCTIONS = {"folded": lambda text: None if text is None else fold(text)}
"""What every SQLite connection is taught (storage/sqlite.py)."""


class _Folded(FunctionElement[str]):
    name = "folded"
    type = Text()
    inherit_cache = True


@compiles(_Folded, "sqlite")
def _in_python(element: _Folded, compiler: SQLCompiler, **options: Any) -> str:
    return f"folded({compiler.process(element.clauses, **options)})"


@compiles(_Folded, "postgresql")
def _in_postgresql(element: _Folded, compiler: SQLCompiler, **options: Any) -> str:
    letters = f"'{CAPITALS}ё', '{fold(CAPITALS)}е'"
    return f"translate(lower({compiler.process(element.clauses, **options)}), {letters})"


def holds(text: Any, word: str) -> ColumnElement[bool]:
    """Whether the column `text` holds `word` somewhere. The word is data: its % and _ mean themselves."""
    return _Folded(text).contains(fold(word), autoescape=True)


def begins(text: Any, word: str) -> ColumnElement[bool]:
    """Whether the column `text` begins with `word`, which is data here as well."""
    return _Folded(text).startswith(fold(word), autoescape=True)
