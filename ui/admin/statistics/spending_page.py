"""Spending page: the cost of replies: prices, budgets, this month and its forecast, the top spenders."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from nicegui import ui

from domain.admin.people import UserFilter, UserRow
from domain.clock import now
from domain.language import Texts
from domain.llm.model_names import readable_names
from domain.paging import Page
from domain.prices import read_prices
from domain.settings.settings import Settings
from domain.statistics.daily_totals import Rank
from domain.statistics.period_stats import Period, PeriodStats
from ui.admin.directory.people_list import people_rows
from ui.admin.shell.admin_table import AdminRows, Column
from ui.admin.shell.frame import admin_frame, admin_head
from ui.admin.shell.guard import admin_page
from ui.admin.shell.summary import fact
from ui.admin.statistics.leaderboards import top_rows, tops_columns
from ui.app import App
from ui.request.visitor import Reader
from ui.widgets.heading import Heading
from ui.widgets.money import money


def register(app: App) -> None:
    @admin_page(app, "/admin/spending")
    async def spending(reader: Reader) -> None:
        _, caller = reader._, reader.must_be_logged_in()
        zone = ZoneInfo(reader.preferences.zone)
        month = Month.of(now().astimezone(zone))
        figures = await app.admin.overview.of(caller, month.period, zone, Rank.COST)
        spent_out = await app.admin.people.page(caller, UserFilter(quota_hit=True))
        with_own = await app.admin.people.page(caller, UserFilter(has_own_quota=True))
        async with admin_frame(app, reader, _("Quotas and spending"), here="/admin/spending"):
            admin_head(_("Quotas and spending"))
            with ui.element("div").classes("admin-parts"):
                _month(reader, month, figures)
                _quotas(app.settings, reader)
            _prices(app.settings, reader)
            with _part(_("Biggest spenders this month")), ui.element("div").classes("admin-pair"):
                for top, address, of in (
                    (figures.top_people, "/admin/users", _("User")),
                    (figures.top_characters, "/admin/characters", _("Character")),
                ):
                    rows = top_rows(_, top, address, Rank.COST)
                    AdminRows(tops_columns(_, of), rows, caption=of, empty=_("Nobody yet."))
            with _part(_("Out of quota today")):
                _people(reader, spent_out, "hit", empty=_("Nobody: there is enough for everyone."))
            with _part(_("Custom quotas")):
                _people(reader, with_own, "own", empty=_("None: everyone has the default."))


@dataclass(frozen=True)
class Month:
    """The current month, in the reader's time zone."""

    period: Period
    share: float
    """Elapsed fraction of the month, above 0 and up to 1."""

    @classmethod
    def of(cls, moment: datetime) -> Month:
        first = datetime.combine(date(moment.year, moment.month, 1), time.min, tzinfo=moment.tzinfo)
        days = calendar.monthrange(moment.year, moment.month)[1]
        until = max(moment, first + timedelta(minutes=1))
        return cls(Period(first, until), (until - first) / timedelta(days=days))

    def forecast(self, spent: int) -> int:
        """The month's total if the rest of it is like the part so far."""
        return round(spent / self.share)


def _month(reader: Reader, month: Month, figures: PeriodStats) -> None:
    _ = reader._
    spent = figures.cost.value or 0
    name = format_date(month.period.since, "LLLL y", locale=_.language)
    with _card(_("Spending, {month}", month=name)):
        fact(_("So far"), money(_, spent))
        fact(_("By the end of the month, at this rate"), money(_, month.forecast(spent)))
        fact(_("Tokens"), _.number(figures.tokens.value or 0))
        fact(_("Replies"), _.number(figures.replies.value or 0))


def _quotas(settings: Settings, reader: Reader) -> None:
    _, tokens = reader._, settings.daily_tokens
    with _card(_("Daily quotas")):
        fact(_("People"), _.plural("{n} token", "{n} tokens", tokens) if tokens else _("no limit"))
        fact(_("Admins"), _("no limit"))
        fact(_("Where to set it"), _("DAILY_TOKENS in the settings; custom ones on the user's page"))


def _prices(settings: Settings, reader: Reader) -> None:
    _ = reader._
    prices = read_prices(settings.llm_prices)
    names = readable_names(prices)
    rows = [
        {"model": names[model], "read": money(_, price.read), "written": money(_, price.written)}
        for model, price in prices.items()
    ]
    columns = [
        Column("model", _("Model")),
        Column("read", _("1,000 prompt tokens"), is_number=True),
        Column("written", _("1,000 reply tokens"), is_number=True),
    ]
    with _part(_("Prices")):
        empty = _("No prices yet: add LLM_PRICES to the settings, and costs will be counted from then on.")
        AdminRows(columns, rows, caption=_("Prices"), empty=empty)


def _people(reader: Reader, page: Page[UserRow], quota: str, empty: str) -> None:
    """The first of them, and a link to all: the list of people with the same filter, which is paginated."""
    _, people = reader._, page.rows
    columns = [
        Column("name", _("Name")),
        Column("quota", _("Tokens per day"), is_number=True),
        Column("cost", _("Cost, 30 days"), is_number=True),
    ]
    rows = [
        {**shown, "quota": _quota(_, person.daily_tokens)}
        for shown, person in zip(people_rows(reader, people), people, strict=True)
    ]
    AdminRows(columns, rows, caption=_("People"), empty=empty)
    if page.next:
        ui.link(_("Show all"), f"/admin/users?quota={quota}").classes("button quiet start")


def _quota(_: Texts, tokens: int | None) -> str:
    if tokens is None:
        return _("default")
    return _.number(tokens) if tokens else _("no limit")


def _part(title: str) -> ui.element:
    with ui.element("section").classes("admin-part") as part:
        Heading(title, level=2)
    return part


def _card(title: str) -> ui.element:
    with ui.element("section").classes("admin-card"):
        Heading(title, level=2)
        return ui.element("dl").classes("admin-facts")
