"""Usage summary of a person or a character: numbers, the last thirty days, where the person is logged in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from babel.dates import format_date
from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from domain.accounts.sessions import LoginMethod, LoginSession
from domain.admin.details import ConversationTotals, PersonDetail
from domain.language import Texts
from domain.model.user import User
from domain.statistics.spending import Day
from domain.usage.budget import Budget
from ui.admin.shell.admin_table import AdminRows, Column
from ui.admin.shell.cells import exactly, moment, trial_words
from ui.admin.shell.chart import Chart, Series, Shape
from ui.request.visitor import Reader
from ui.widgets.heading import Heading
from ui.widgets.labels import language_words
from ui.widgets.money import money


def facts(reader: Reader, detail: PersonDetail, budget: Budget | None) -> None:
    _, user = reader._, detail.user
    with ui.element("dl").classes("admin-facts"):
        fact(_("Joined"), exactly(reader, user.created_at))
        fact(_("Language"), language_words(_)[user.language])
        spoken_facts(_, detail.spoken)
        fact(_("Today's quota"), _budget(_, budget))
    ui.label(_("Of the chats they have now, with what they wrote before signing up.")).classes("muted")


def spoken_facts(_: Texts, spoken: ConversationTotals) -> None:
    fact(_("Conversations"), _.number(spoken.dialogs))
    fact(_("Messages"), _.number(spoken.messages))
    fact(_("Tokens"), _.number(spoken.tokens))
    fact(_("Cost"), money(_, spoken.cost))
    fact(_("Errors"), _.number(spoken.faults))


def fact(name: str, value: str, *, is_long: bool = False) -> None:
    """A line of a `<dl class="admin-facts">`."""
    TextElement(tag="dt", text=name)
    told = TextElement(tag="dd", text=value or "—")
    if is_long:
        told.classes("long").props("tabindex=0")  # so that it scrolls by keyboard, too


def last_days(reader: Reader, days: Sequence[Day]) -> None:
    _ = reader._
    labels = [format_date(each.day, "d MMM", locale=_.language) for each in days]
    with ui.element("section").classes("admin-part"):
        Heading(_("The last 30 days"), level=2)
        Chart(
            _,
            _("Tokens, last 30 days"),
            _("Day"),
            labels,
            [Series(_("Tokens"), [each.tokens for each in days])],
            shape=Shape.BARS,
        )


def sessions(reader: Reader, user: User, living: Sequence[LoginSession]) -> None:
    _ = reader._
    methods = {
        LoginMethod.PASSWORD: _("password"),
        LoginMethod.LETTER: _("email link"),
        LoginMethod.PROVIDER: _("another site"),
        LoginMethod.PROGRAM: _("API token"),
    }
    columns = [
        Column("device", _("Device")),
        Column("method", _("Login method")),
        Column("came", _("Since"), is_number=True),
        Column("seen", _("Last used"), is_number=True),
    ]
    rows: list[dict[str, Any]] = [
        {
            "id": each.id,
            "device": each.device or _("Unknown device"),
            "method": trial_words(_) if user.is_trial else methods[each.method],
            "came": moment(reader, each.created_at),
            "seen": moment(reader, each.seen_at),
        }
        for each in living
    ]
    with ui.element("section").classes("admin-part"):
        Heading(_("Sessions"), level=2)
        AdminRows(columns, rows, caption=_("Sessions"), empty=_("No active sessions."))


def _budget(_: Texts, budget: Budget | None) -> str:
    if budget is None:
        return _("no limit")
    return _("{used} of {tokens} tokens", used=_.number(budget.used), tokens=_.number(budget.tokens))
