"""Places at the model as rows in PostgreSQL, one for each request, of any instance, that has a place or waits for one.

Who is served is decided under one lock (`LOCK`), which sees all rows as they are. Rows whose lease has run out count
for nothing, whether or not they have been deleted yet. The order is that of `FairQueue`: round robin by person, first
come first served within a person. All waiting rows of a person have the same `turn`, and the lowest is served next;
whoever has been served moves to the end.

The statements are plain SQL, since only PostgreSQL runs them, and easier to follow than if built with SQLAlchemy.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, text
from sqlmodel import Field

from storage.tables import Table


class ModelPlace(Table, table=True):
    """A request to the model: it waits until `taken_at`, and counts as dead after `lease_until`."""

    __tablename__ = "model_place"

    id: int = Field(default=None, primary_key=True)
    instance: str = Field(max_length=32)
    person_id: int
    turn: int = Field(sa_type=BigInteger)
    taken_at: datetime | None = None
    lease_until: datetime


LOCK = text("SELECT pg_advisory_xact_lock(198437562)")  # a key used only by this lock

JOIN = text("""
    WITH alive AS (SELECT * FROM model_place WHERE lease_until > clock_timestamp()),
    held AS (SELECT person_id, count(*) AS number FROM alive WHERE taken_at IS NOT NULL GROUP BY person_id),
    line AS (
        SELECT person_id, count(*) AS number, min(turn) AS turn FROM alive WHERE taken_at IS NULL GROUP BY person_id
    ),
    own AS (
        SELECT coalesce((SELECT number FROM held WHERE person_id = :person), 0) AS held,
            coalesce((SELECT number FROM line WHERE person_id = :person), 0) AS waiting,
            (SELECT turn FROM line WHERE person_id = :person) AS turn
    ),
    everybody AS (
        SELECT coalesce((SELECT sum(number) FROM held), 0) < :places AS is_free,
            EXISTS (
                SELECT FROM line LEFT JOIN held USING (person_id) WHERE coalesce(held.number, 0) < :each
            ) AS somebody_is_next,
            coalesce((SELECT sum(number) FROM line), 0) AS waiting,
            coalesce((SELECT max(turn) FROM line), 0) AS last_turn
    ),
    decided AS (
        SELECT own.*, everybody.is_free, everybody.waiting AS all_waiting, everybody.last_turn,
            everybody.is_free AND own.held < :each AND NOT everybody.somebody_is_next AS may_take
        FROM own, everybody
    )
    INSERT INTO model_place (instance, person_id, turn, taken_at, lease_until)
    SELECT :instance, :person, coalesce(turn, last_turn + 1),
        CASE WHEN may_take THEN clock_timestamp() END, clock_timestamp() + :lease
    FROM decided
    WHERE may_take OR (all_waiting < :longest AND waiting < :longest_of_one)
    RETURNING id, taken_at IS NOT NULL AS is_taken,
        (SELECT is_free AND somebody_is_next FROM everybody) AS is_to_be_dealt,
        (SELECT NOT is_free FROM everybody) AND EXISTS (SELECT FROM alive WHERE person_id = 0) AS is_one_lent,
        (
            SELECT 1 + waiting + coalesce(
                (SELECT sum(least(number, own.waiting + 1)) FROM line WHERE person_id <> :person), 0
            )
            FROM own
        ) AS ahead
""")
"""Adds a row for a request, which gets a place at once if one is free for it and nobody who could take it waits. Adds
and returns no row if the queue is full. `ahead` is the number of requests served before one that waits.
"""

LEND = text("""
    WITH alive AS (SELECT * FROM model_place WHERE lease_until > clock_timestamp())
    INSERT INTO model_place (instance, person_id, turn, taken_at, lease_until)
    SELECT :instance, 0, 0, clock_timestamp(), clock_timestamp() + :lease
    WHERE NOT EXISTS (SELECT FROM alive WHERE taken_at IS NULL) AND (SELECT count(*) FROM alive) <= :most
    RETURNING id
""")
"""Lends a place (to person `SPARE`, 0), if nobody waits and at most `:most` places are taken."""

DEAL = text("""
    WITH alive AS (SELECT * FROM model_place WHERE lease_until > clock_timestamp()),
    held AS (SELECT person_id, count(*) AS number FROM alive WHERE taken_at IS NOT NULL GROUP BY person_id),
    line AS (
        SELECT id, person_id, turn, row_number() OVER (PARTITION BY person_id ORDER BY id) AS nth
        FROM alive WHERE taken_at IS NULL
    ),
    winners AS (
        SELECT id, person_id, row_number() OVER (ORDER BY nth, turn) AS rank
        FROM line LEFT JOIN held USING (person_id)
        WHERE nth + coalesce(held.number, 0) <= :each
        ORDER BY nth, turn
        LIMIT greatest(:places - coalesce((SELECT sum(number) FROM held), 0), 0)
    ),
    moved AS (
        SELECT person_id, max(rank) + (SELECT max(turn) FROM line) AS turn FROM winners GROUP BY person_id
    )
    UPDATE model_place
    SET turn = moved.turn,
        taken_at = CASE WHEN model_place.id IN (SELECT id FROM winners) THEN clock_timestamp() END
    FROM moved
    WHERE model_place.person_id = moved.person_id AND model_place.taken_at IS NULL
    RETURNING model_place.id, model_place.instance, model_place.taken_at IS NOT NULL AS is_taken
""")
"""Gives free places to whoever is next; each of them moves behind everybody else who waits."""

RENEW = text("""
    UPDATE model_place SET lease_until = clock_timestamp() + :lease
    WHERE id = ANY(:ids) AND lease_until > clock_timestamp()
    RETURNING id, taken_at IS NOT NULL AS is_taken
""")
"""Renews the leases that have not run out; returns their rows, and whether each has a place by now."""

SWEEP = text("DELETE FROM model_place WHERE lease_until <= clock_timestamp()")
LEAVE = text("""
    DELETE FROM model_place WHERE id = :id
    RETURNING taken_at IS NOT NULL AND EXISTS (SELECT FROM model_place WHERE taken_at IS NULL) AS is_to_be_dealt
""")
IN_USE = text("""
    SELECT count(*) FILTER (WHERE taken_at IS NOT NULL) AS taken, count(*) FILTER (WHERE taken_at IS NULL) AS waiting
    FROM model_place WHERE lease_until > clock_timestamp()
""")
