"""Stat tiles of the overview: the label, the change and the link of each number."""

from __future__ import annotations

from urllib.parse import urlencode

from domain.language import Texts
from domain.statistics.period_stats import Figure, LinkedList, PeriodStats
from ui.admin.directory.dialogs_list import WITHOUT
from ui.admin.shell.cells import SECOND
from ui.admin.shell.period import PeriodChoice
from ui.admin.statistics.numbers import Tile
from ui.request.visitor import Reader
from ui.widgets.money import money

GOOD, BAD = "good", "bad"


def tiles(reader: Reader, figures: PeriodStats, chosen: PeriodChoice) -> list[Tile]:
    _ = reader._
    now = Tile(
        label=_("Online now"),
        value=_.number(figures.people_now),
        change="",
        before="",
        tone="",
        href=_address(LinkedList.PEOPLE_NOW, chosen),
    )
    up, down = GOOD, BAD
    shown = [
        (_("Active users"), figures.active, up),
        (_("New users"), figures.new_people, up),
        (_("New conversations"), figures.new_dialogs, up),
        (_("Messages"), figures.messages, up),
        (_("Messages before signing up"), figures.trial_messages, up),
        (_("Tokens"), figures.tokens, ""),
        (_("Cost"), figures.cost, ""),
        (_("Model errors"), figures.failed, down),
        (_("Blocked by the filter"), figures.filtered, down),
        (_("First words: half within"), figures.first_text_p50, down),
        (_("First words: 95% within"), figures.first_text_p95, down),
    ]
    return [now, *(_tile(_, label, figure, growth, chosen, figures) for label, figure, growth in shown)]


def _tile(_: Texts, label: str, figure: Figure, growth: str, chosen: PeriodChoice, figures: PeriodStats) -> Tile:
    def words(value: int | None) -> str:
        if value is None:
            return "—"
        if figure is figures.cost:
            return money(_, value)
        if figure in (figures.first_text_p50, figures.first_text_p95):
            return _("{n} s", n=_.number(round(value / SECOND, 1 if value >= SECOND else 2)))
        return _.number(value)

    return Tile(
        label=label,
        value=words(figure.value),
        change=_change(_, figure),
        before=_("previously {value}", value=words(figure.before)),
        tone=_tone(figure, growth),
        href=_address(figure.behind, chosen),
    )


def _change(_: Texts, figure: Figure) -> str:
    """The change in whole per cent of the former value; «впервые» if there was none."""
    if figure.value is None or figure.before is None or figure.value == figure.before:
        return ""
    if not figure.before:
        return _("none previously")
    percent = round(100 * (figure.value - figure.before) / figure.before)
    return f"{'+' if percent > 0 else '−' if percent < 0 else ''}{_.number(abs(percent))}\N{NO-BREAK SPACE}%"


def _tone(figure: Figure, growth: str) -> str:
    """`growth` says whether more of it is good or bad; "" where it is neither."""
    if not growth or not figure.before or figure.value is None or figure.value == figure.before:
        return ""
    return growth if figure.value > figure.before else {GOOD: BAD, BAD: GOOD}[growth]


def _address(behind: LinkedList, chosen: PeriodChoice) -> str:
    """The list that a number is counted from, with the same filters and order."""
    days = dict(zip(("since", "until"), chosen.bounds, strict=True))
    address, query = {
        LinkedList.PEOPLE_NOW: ("/admin/users", {"sort": "-seen_at", "seen": "now"}),
        LinkedList.PEOPLE_SEEN: (
            "/admin/users",
            {"sort": "-messages"} | {f"spoken_{name}": value for name, value in days.items()},
        ),
        LinkedList.PEOPLE_NEW: ("/admin/users", {"sort": "-registered_at", **days}),
        LinkedList.DIALOGS_NEW: (
            "/admin/dialogs",
            {"sort": "-started_at", "trials": WITHOUT, "imported": WITHOUT}
            | {f"started_{name}": value for name, value in days.items()},
        ),
        LinkedList.DIALOGS_SPOKEN: ("/admin/dialogs", {"sort": "-spoken_at", **days}),
        LinkedList.DIALOGS_TOKENS: ("/admin/dialogs", {"sort": "-tokens", **days}),
        LinkedList.DIALOGS_COST: ("/admin/dialogs", {"sort": "-cost", **days}),
        LinkedList.DIALOGS_FAILED: ("/admin/dialogs", {"sort": "-spoken_at", "faults": "failed", **days}),
        LinkedList.DIALOGS_REFUSED: ("/admin/dialogs", {"sort": "-spoken_at", "faults": "refused", **days}),
    }[behind]
    return f"{address}?{urlencode(query)}"
