"""Sample data, aggregates: totals by dialog and by hour, as the product stores them (domain/usage/usage.py)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from domain.llm.port import Role
from domain.model.dialog import State
from domain.sample_data.transcripts import Talk
from domain.usage.usage import hour_of
from storage.bulk import Row


def dialog_sums(messages: Iterable[Row]) -> Row:
    """The counter columns of a dialog."""
    sums = Counter(messages=0, tokens=0, cost=0, faults=0)
    for row in messages:
        sums["messages"] += row["role"] == Role.USER
    for row in _replies(messages):
        used = _used(row)
        sums["tokens"] += used["tokens_in"] + used["tokens_out"]
        sums["cost"] += used["cost"]
        sums["faults"] += used["failed"] + used["filtered"]
    return dict(sums)


def usage_rows(talks: Iterable[Talk]) -> list[Row]:
    """Usage rows: one per hour, user, character and model."""
    sums: dict[tuple[int, int, int, str], Counter[str]] = {}
    for each in talks:
        for row in _replies(each.messages):
            key = hour_of(row["created_at"]), each.dialog["user_id"], each.dialog["character_id"], row["model"]
            sums.setdefault(key, Counter()).update(_used(row))
    names = ("hour", "user_id", "character_id", "model")
    return [dict(zip(names, key, strict=True)) | counts for key, counts in sums.items()]


def _replies(messages: Iterable[Row]) -> Iterator[Row]:
    """The replies by the model: a greeting is not one."""
    return (row for row in messages if row["model"])


def _used(reply: Row) -> Row:
    return {
        "replies": 1,
        "tokens_in": reply["tokens_in"] or 0,
        "tokens_out": reply["tokens_out"] or 0,
        "cost": reply["cost"] or 0,
        "failed": int(bool(reply["reference"])),
        "filtered": int(reply["state"] == State.FILTERED),
    }
