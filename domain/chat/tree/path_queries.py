"""Queries: ways through the message tree, as recursive statements whose ids are parameters.

Each is built once, when it is first asked: building one takes SQLAlchemy 0.5 to 2.5 ms, longer than the database takes
to answer most of them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    FromClause,
    Integer,
    and_,
    bindparam,
    case,
    func,
    literal,
)
from sqlmodel import select
from sqlmodel.sql.expression import Select, SelectOfScalar

from domain.model.dialog import Message

_ROWS = Message.metadata.tables["message"]


@cache
def ids_up() -> SelectOfScalar[int]:
    """Ids of the messages from `message` up: at most `limit` of them, all greater than `beyond`."""
    return select(_way_up(_number("message")).c.id)


@cache
def end_of_path() -> Any:
    """The columns of a `PathMessage` for each of `ids_up`, oldest first."""
    return _spoken(ids_up())


@cache
def path_below() -> Any:
    """As `end_of_path`, for the `first` of them: those nearest to `beyond`."""
    way = _way_up(_number("message"))
    return _spoken(select(way.c.id).order_by(way.c.id).limit(_number("first")))


@cache
def first_up() -> SelectOfScalar[int]:
    """The first id on the way from `message` up that is at most `highest`; else that of the path's first message."""
    walked = (
        select(_ROWS.c.id, _ROWS.c.parent_id, _ROWS.c.jump_id)
        .where(_ROWS.c.id == _number("message"))
        .cte("walked", recursive=True)
    )
    highest = _number("highest")
    up = case((walked.c.jump_id >= highest, walked.c.jump_id), else_=walked.c.parent_id)
    walked = walked.union_all(
        select(_ROWS.c.id, _ROWS.c.parent_id, _ROWS.c.jump_id)
        .join(walked, _ROWS.c.id == up)
        .where(walked.c.id > highest)
    )
    return select(func.min(walked.c.id))


@cache
def deleted_above() -> SelectOfScalar[int]:
    """The id of a deleted message among `message` of `dialog` and its ancestors; no row if there is none."""
    columns = _ROWS.c.id, _ROWS.c.parent_id, _ROWS.c.jump_id, _ROWS.c.deleted_at
    dead = _ROWS.alias()
    walked = select(*columns).where(_ROWS.c.id == _number("message")).cte("walked", recursive=True)
    # No deleted message is skipped: no jump over ids among which one was deleted.
    some_dead = (
        select(dead.c.id)
        .where(dead.c.dialog_id == _number("dialog"), dead.c.deleted_at.is_not(None))
        .where(dead.c.id >= walked.c.jump_id, dead.c.id < walked.c.id)
        .correlate(walked)
        .exists()
    )
    up = case((and_(walked.c.jump_id.is_not(None), ~some_dead), walked.c.jump_id), else_=walked.c.parent_id)
    walked = walked.union_all(
        select(*columns).select_from(_ROWS).join(walked, _ROWS.c.id == up).where(walked.c.deleted_at.is_(None))
    )
    return select(walked.c.id).where(walked.c.deleted_at.is_not(None)).limit(1)


@cache
def end_below() -> SelectOfScalar[int]:
    """The last id of the branch that is shown below `message`."""
    walked = select(_ROWS.c.id, _ROWS.c.next_id).where(_ROWS.c.id == _number("message")).cte("walked", recursive=True)
    walked = walked.union_all(select(_ROWS.c.id, _ROWS.c.next_id).join(walked, _ROWS.c.id == _goes_on_with(walked)))
    return select(func.max(walked.c.id))


@cache
def fork() -> SelectOfScalar[int]:
    """The last id that the paths to `message` and to `being_read` share; NULL if they share none."""
    aim, being_read = _way_up(_number("message")), _way_up(_number("being_read"), "being_read")
    return select(func.max(aim.c.id)).join(being_read, being_read.c.id == aim.c.id)


@cache
def choices_to() -> Select[int, int]:
    """Ids of a message and of the one below it on the way to `message`, beyond `fork`, where another one is shown."""
    aim, parent = _way_up(_number("message")), _ROWS.alias()
    return (
        select(parent.c.id, aim.c.id)
        .select_from(parent)
        .join(aim, aim.c.parent_id == parent.c.id)
        .where(aim.c.id > _number("fork"), _goes_on_with(parent) != aim.c.id)
    )


def _way_up(start: BindParameter[int], name: str = "walked") -> CTE:
    """The way from a message towards the root: ids, parents, and the distance in steps."""
    limit, beyond = _number("limit"), _number("beyond")
    walked = (
        select(_ROWS.c.id, _ROWS.c.parent_id, literal(1).label("steps"))
        .where(_ROWS.c.id == start, _ROWS.c.id > beyond)
        .cte(name, recursive=True)
    )
    return walked.union_all(
        select(_ROWS.c.id, _ROWS.c.parent_id, walked.c.steps + 1)
        .select_from(_ROWS)
        .join(walked, _ROWS.c.id == walked.c.parent_id)
        .where(walked.c.steps < limit, _ROWS.c.id > beyond)
    )


def _spoken(ids: SelectOfScalar[int]) -> Any:
    length, place = func.length(func.trim(_ROWS.c.text)), (_ROWS.c.parent_id, _ROWS.c.is_hidden_from_model)
    columns: tuple[Any, ...] = (_ROWS.c.id, _ROWS.c.role, _ROWS.c.state, length, *place)
    return select(*columns).where(_ROWS.c.id.in_(ids)).order_by(_ROWS.c.id)


def _goes_on_with(above: FromClause) -> ColumnElement[int]:
    """The message that is shown below one of `above`: the one last shown, if it still exists, else the newest."""
    chosen, newest = _ROWS.alias(), _ROWS.alias()
    read_last = select(chosen.c.id).where(chosen.c.id == above.c.next_id, chosen.c.parent_id == above.c.id)
    made_last = select(func.max(newest.c.id)).where(newest.c.parent_id == above.c.id)
    return func.coalesce(
        read_last.where(chosen.c.deleted_at.is_(None)).correlate(above).scalar_subquery(),
        made_last.where(newest.c.deleted_at.is_(None)).correlate(above).scalar_subquery(),
    )


def _number(name: str) -> BindParameter[int]:
    return bindparam(name, type_=Integer)
