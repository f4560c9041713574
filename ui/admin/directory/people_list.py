"""Admin list of people: its columns, its filters, its query, its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from domain.admin.people import UserFilter, UserOrder, UserRow, UserState
from domain.clock import now
from domain.language import Texts
from domain.statistics.overview import PRESENT
from ui.admin.shell.admin_table import AdminTable, Cell, Filter, LineColumn, rows_of
from ui.admin.shell.cells import Tone, chip, moment, numbered
from ui.admin.shell.period import day_begins, day_ends
from ui.request.visitor import Reader
from ui.widgets.money import money
from ui.widgets.picture_urls import portrait_address

FEED = "/admin/feed/people"
USUAL_ORDER = f"-{UserOrder.REGISTERED}"
TONES: dict[UserState, Tone] = {
    UserState.HIDDEN: "warn",
    UserState.READ_ONLY: "warn",
    UserState.BLOCKED: "bad",
}


def state_names(_: Texts) -> dict[UserState, str]:
    return {
        UserState.FREE: _("no restrictions"),
        UserState.HIDDEN: _("hidden from the gallery"),
        UserState.READ_ONLY: _("read-only"),
        UserState.BLOCKED: _("blocked"),
    }


def people_list(reader: Reader) -> AdminTable:
    _ = reader._
    no_matter = ("", _("all"))
    return AdminTable(
        _,
        FEED,
        _columns(reader),
        [
            Filter("search", _("Search"), "search", hint=_("Email, name or ID")),
            Filter("state", _("Status"), "select", [("", _("any")), *state_names(_).items()]),
            Filter("role", _("Role"), "select", [no_matter, ("admin", _("admins")), ("person", _("not admins"))]),
            Filter("reports", _("Reports"), "select", [no_matter, ("1", _("reported"))]),
            Filter("quota", _("Quota"), "select", _quotas(_)),
            Filter("since", _("Joined from"), "date"),
            Filter("until", _("to"), "date"),
            Filter("spoken_since", _("Active from"), "date"),
            Filter("spoken_until", _("to"), "date"),
            Filter("seen", _("Online now"), "select", [no_matter, ("now", _("online"))]),
        ],
        caption=_("People"),
        empty=_("Nobody has signed up yet."),
        sort=USUAL_ORDER,
    )


def _quotas(_: Texts) -> list[tuple[str, str]]:
    return [("", _("all")), ("hit", _("used up today")), ("own", _("custom"))]


def people_filter(reader: Reader, asked: Mapping[str, str]) -> UserFilter:
    """The query in the address; invalid values are ignored."""
    state, role = asked.get("state", ""), asked.get("role", "")
    return UserFilter(
        words=asked.get("search", ""),
        state=UserState(state) if state in set(UserState) else None,
        is_admin={"admin": True, "person": False}.get(role),
        has_reports=bool(asked.get("reports")),
        quota_hit=asked.get("quota") == "hit",
        has_own_quota=asked.get("quota") == "own",
        registered_since=day_begins(reader, asked.get("since", "")),
        registered_until=day_ends(reader, asked.get("until", "")),
        seen_since=now() - PRESENT if asked.get("seen") == "now" else None,
        spoken_since=day_begins(reader, asked.get("spoken_since", "")),
        spoken_until=day_ends(reader, asked.get("spoken_until", "")),
    )


def people_rows(reader: Reader, people: list[UserRow]) -> list[dict[str, Any]]:
    return rows_of(_columns(reader), people)


def state_chips(_: Texts, state: UserState, *, is_admin: bool) -> list[dict[str, str]]:
    """A person without restrictions, as most are, needs no mark."""
    marks = [chip(_("admin"))] if is_admin else []
    return marks if state == UserState.FREE else [*marks, chip(state_names(_)[state], TONES[state])]


def person_picture_of(token: str | None, name: str) -> str:
    return f"/pictures/{token}/face.webp" if token else portrait_address(name)


def _columns(reader: Reader) -> list[LineColumn[UserRow]]:
    _, order = reader._, UserOrder

    def number(key: str, label: str, order: UserOrder, cell: Callable[[UserRow], Cell]) -> LineColumn[UserRow]:
        return LineColumn(key, label, order, is_number=True, cell=cell)

    return [
        LineColumn("name", _("Name"), order.NAME, cell=lambda person: _name(_, person)),
        LineColumn(
            "email",
            _("Email"),
            is_cut=True,
            cell=lambda person: {"text": person.email, "title": person.email} if person.email else "",
        ),
        LineColumn(
            "state",
            _("Status"),
            cell=lambda person: {"chips": state_chips(_, person.state, is_admin=person.is_admin)},
        ),
        number("registered", _("Joined"), order.REGISTERED, lambda person: moment(reader, person.registered_at)),
        number("seen", _("Last seen"), order.SEEN, lambda person: moment(reader, person.seen_at)),
        number("dialogs", _("Conversations"), order.DIALOGS, lambda person: _.number(person.dialogs)),
        number("messages", _("Messages"), order.MESSAGES, lambda person: _.number(person.messages)),
        number("cost", _("Cost, 30 days"), order.COST, lambda person: money(_, person.cost)),
        number(
            "reports",
            _("Reports"),
            order.REPORTS,
            lambda person: _.number(person.reports) if person.reports else "",
        ),
    ]


def _name(_: Texts, person: UserRow) -> Cell:
    return {
        "text": person.name,
        "href": f"/admin/users/{person.id}",
        "picture": person_picture_of(person.picture_token, person.name),
        "note": numbered(_, person.id) + (f" · @{person.username}" if person.username else ""),
    }
