"""Full-text search: FTS5 on SQLite, tsvector on PostgreSQL, with one interface and the same results.

The index holds tokens that the domain made of its texts, in parts of different weight (of a card: name, teaser …).
Nothing is parsed here: each token is a word of lower-case letters and digits, in the query as in the index, so that no
query syntax can be injected. There is no rank: FTS5's changes with every row that is added, so a list could not be
paginated by it; PostgreSQL's differs from it. For the best first, query part by part (`unless`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, String, cast, column, literal, table, text, true
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from storage.columns import in_ids
from storage.url import SQLITE

TOKEN = re.compile(r"[^\W_]+")
LONGEST_TOKEN = 60
"""Maximum characters of a token: the domain cuts longer words."""


@dataclass(frozen=True)
class Term:
    """A token of the query: it matches a whole token or, with `begins`, a prefix."""

    token: str
    begins: bool = False
    only_in: str = ""
    """The only part to search; "" for all of the query's parts."""


Question = Sequence[Sequence[Sequence[Term]]]
"""Boolean query: it matches if any sentence does; a sentence if all its words do; a word if any of its terms does."""


@dataclass(frozen=True)
class SearchQuery:
    """A query and the parts that together have to match it."""

    question: Question
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Matches:
    """The rows that match a query: how many, and their ids if they were to be listed."""

    count: int
    ids: list[int]


class FullText:
    """A full-text index, the table `name` of a migration: rows with an id, and tokens of each of `parts` (at most
    nine).

    On SQLite it is an FTS5 table with a column per part, whose rowid is the id. On PostgreSQL it has the columns `id`
    and `tokens`, a tsvector whose lexemes begin with the number of their part: tsvector's own weights are not in its
    GIN index, and rechecking every row would take half a second with a frequent word.
    """

    def __init__(self, name: str, parts: Sequence[str]) -> None:
        self.name = name
        self.parts = list(parts)
        # Built once, since every reply runs them.
        columns = ", ".join(self.parts)
        self._insert_into_fts5 = text(
            f"INSERT INTO {name} (rowid, {columns}) VALUES (:id, :{columns.replace(', ', ', :')})"  # noqa: S608 - our own names
        )
        self._put_tsvector = text(
            f"INSERT INTO {name} (id, tokens) VALUES (:id, array_to_tsvector(CAST(:tokens AS text[])))"  # noqa: S608 - our own name
            " ON CONFLICT (id) DO UPDATE SET tokens = excluded.tokens"
        )
        found = f"SELECT rowid FROM {name} WHERE {name} MATCH query.value LIMIT :most"  # noqa: S608 - our own name
        matches = f"SELECT CASE WHEN count(*) > :listed THEN count(*) ELSE json_group_array(rowid) END FROM ({found})"  # noqa: S608 - see above
        self._matches_in_fts5 = text(f"SELECT ({matches}) FROM json_each(:asked) AS query")  # noqa: S608 - see above
        found = f"SELECT id FROM {name} WHERE tokens @@ CAST(query.asked AS tsquery) LIMIT :most"  # noqa: S608 - our own name
        matches = f"SELECT count(*), CASE WHEN count(*) <= :listed THEN array_agg(id) END FROM ({found}) AS found"  # noqa: S608 - see above
        queries = "unnest(CAST(:asked AS text[])) WITH ORDINALITY AS query (asked, place)"
        self._matches_in_tsvector = text(
            f"SELECT matches.* FROM {queries} CROSS JOIN LATERAL ({matches}) AS matches ORDER BY place"  # noqa: S608 - see above
        )

    async def put(self, db: AsyncSession, rows: Mapping[int, Mapping[str, Collection[str]]]) -> None:
        """Index these rows by part, replacing their former tokens."""
        if not rows:
            return
        if _is_sqlite(db):
            await self.remove(db, rows)  # FTS5 has no upsert
            values: list[dict[str, Any]] = [
                {"id": row_id, **{part: " ".join(sorted(tokens.get(part, ()))) for part in self.parts}}
                for row_id, tokens in rows.items()
            ]
            await (await db.connection()).execute(self._insert_into_fts5, values)
        else:
            values = [{"id": row_id, "tokens": self.lexemes(tokens)} for row_id, tokens in sorted(rows.items())]
            await (await db.connection()).execute(self._put_tsvector, values)

    async def remove(self, db: AsyncSession, ids: Collection[int]) -> None:
        if ids:
            delete = f"DELETE FROM {self.name} WHERE {'rowid' if _is_sqlite(db) else 'id'} = :id"  # noqa: S608 - our own names
            await (await db.connection()).execute(text(delete), [{"id": row_id} for row_id in sorted(ids)])

    def hits(
        self,
        db: AsyncSession,
        sought: SearchQuery,
        *,
        unless: Sequence[SearchQuery] = (),
        within: Collection[int] | None = None,
    ) -> SelectOfScalar[int]:
        """Ids of the rows that match `sought` and not `unless`; only those `within`, if given."""
        if _is_sqlite(db):
            rows = table(self.name, column("rowid", Integer), column(self.name, String))
            asked = " NOT ".join(_nested(each, self._in_fts5, " AND ", " OR ") for each in (sought, *unless))
            found = select(rows.c.rowid).where(rows.c[self.name].op("MATCH")(asked))
            # "IS TRUE" keeps the planner from looking rows up one by one, running the whole query for each.
            return found if within is None else found.where(in_ids(rows.c.rowid, within, SQLITE).is_(true()))
        rows = table(self.name, column("id", Integer), column("tokens"))
        asked = " & !".join(_nested(each, self._in_tsquery, " & ", " | ") for each in (sought, *unless))
        found = select(rows.c.id).where(rows.c.tokens.op("@@")(cast(literal(asked), TSQUERY)))
        return found if within is None else found.where(in_ids(rows.c.id, within, "postgresql"))

    async def ids(self, db: AsyncSession, queries: Sequence[SearchQuery], most: int) -> list[list[int]]:
        """For each of the queries the ids of the rows that match it, at most `most`, all in one statement."""
        return [each.ids for each in await self.matches(db, queries, most, listed=most)]

    async def matches(
        self, db: AsyncSession, queries: Sequence[SearchQuery], most: int, *, listed: int
    ) -> list[Matches]:
        """For each of the queries the rows that match it, at most `most`, all in one statement. If there are more than
        `listed`, they are only counted.
        """
        if not queries:
            return []
        limits = {"most": most, "listed": listed}
        if _is_sqlite(db):
            asked = [_nested(each, self._in_fts5, " AND ", " OR ") for each in queries]
            rows = await (await db.connection()).execute(self._matches_in_fts5, {"asked": json.dumps(asked)} | limits)
            return [_matches(each) for each in rows.scalars()]
        await prefer_indexes(db)
        asked = [_nested(each, self._in_tsquery, " & ", " | ") for each in queries]
        rows = await (await db.connection()).execute(self._matches_in_tsvector, {"asked": asked} | limits)
        return [Matches(count, ids or []) for count, ids in rows]

    def _in_fts5(self, term: Term, parts: Collection[str]) -> str:
        return f'{{{" ".join(parts)}}} : "{term.token}"{"*" if term.begins else ""}'

    def _in_tsquery(self, term: Term, parts: Collection[str]) -> str:
        sign = ":*" if term.begins else ""
        return " | ".join(f"'{self.parts.index(part)}{term.token}'{sign}" for part in parts)

    def lexemes(self, tokens: Mapping[str, Collection[str]]) -> list[str]:
        return sorted({f"{number}{token}" for number, part in enumerate(self.parts) for token in tokens.get(part, ())})


async def prefer_indexes(db: AsyncSession) -> None:
    """Planner settings for the rest of the transaction. PostgreSQL overestimates how many rows match a prefix and would
    rather scan the table than use the index; and starting parallel workers takes it longer than the whole query.
    """
    if not _is_sqlite(db):
        local = (
            "SELECT set_config('enable_seqscan', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)"
        )
        await (await db.connection()).execute(text(local))


def _matches(told: int | str) -> Matches:
    """Matches from their count, or from their ids as JSON."""
    if isinstance(told, int):
        return Matches(told, [])
    ids = json.loads(told)
    return Matches(len(ids), ids)


def _is_sqlite(db: AsyncSession) -> bool:
    return bool(db.get_bind().dialect.name == SQLITE)


def _nested(sought: SearchQuery, say: Callable[[Term, Collection[str]], str], and_: str, or_: str) -> str:
    """The query in one database's syntax, with brackets around everything whose precedence could differ."""

    def word(terms: Sequence[Term]) -> str:
        asked = ((term, [part for part in sought.parts if term.only_in in ("", part)]) for term in terms)
        return "(" + or_.join(say(term, parts) for term, parts in asked if parts) + ")"

    sentences = ("(" + and_.join(word(terms) for terms in sentence) + ")" for sentence in sought.question)
    return "(" + or_.join(sentences) + ")"
