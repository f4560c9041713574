"""Date ranges in addresses: days of the reader's own calendar, or hours of such a day where a list must be as exact as
the number that leads to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from domain.clock import now
from domain.errors import Invalid
from domain.statistics.period_stats import Period
from domain.usage.usage import hour_begins, hour_of
from ui.request.errors import sentence
from ui.request.visitor import Reader

YEARS = range(2000, 2200)
"""Years accepted in dates: moments far outside them cannot be converted to another time zone."""
SPANS = {"24h": 1, "7d": 7, "30d": 30, "90d": 90}
"""Predefined spans: their names in addresses, and their lengths in days."""
USUAL = "7d"
TO_THE_MINUTE = "%Y-%m-%dT%H:%M"


def day_begins(reader: Reader, day: str) -> datetime | None:
    """Midnight of a day written as 2026-11-23, or the moment 2026-11-23T14:00, in the reader's time zone; None for
    anything else.
    """
    found = _day(day)
    return _midnight(reader, found) if found else _moment(reader, day)


def day_ends(reader: Reader, day: str) -> datetime | None:
    """The midnight after that day, or the moment; None for anything else."""
    found = _day(day)
    return _midnight(reader, found + timedelta(days=1)) if found else _moment(reader, day)


@dataclass(frozen=True)
class PeriodChoice:
    """The period in the page's address: `span` is one of `SPANS`, or "" for custom dates."""

    period: Period
    span: str
    first_day: str
    last_day: str
    """ISO date in the reader's time zone, such as 2026-11-23."""
    refused: Invalid | None = None
    """Reason that the requested dates are not used."""

    @property
    def bounds(self) -> tuple[str, str]:
        """Start and end for a list of the same period: days, or exact hours if the period consists of hours."""
        if self.span != "24h":
            return self.first_day, self.last_day
        zone, ends = self.period.since.tzinfo, hour_begins(self.period.hours.stop)
        first, last = (each.astimezone(zone).strftime(TO_THE_MINUTE) for each in (self.period.since, ends))
        return first, last

    @property
    def asked(self) -> dict[str, str]:
        """The period as parameters of the address."""
        return {"period": self.span} if self.span else {"since": self.first_day, "until": self.last_day}


def chosen_period(reader: Reader, span: str, since: str, until: str) -> PeriodChoice:
    """The dates, if both make a period; else the span, or the default for an unknown one."""
    begins, ends = day_begins(reader, since), day_ends(reader, until)
    refused = None
    if begins and ends:
        try:
            return PeriodChoice(Period(begins, ends), "", since, until)
        except Invalid as error:
            refused = error
    span = span if span in SPANS else USUAL
    present = now()
    zone = ZoneInfo(reader.preferences.zone)
    begins = (
        hour_begins(hour_of(present) - 23).astimezone(zone)
        if span == "24h"
        else _midnight(reader, _today(reader, 1 - SPANS[span]))
    )
    first_day = begins.astimezone(zone).date()
    return PeriodChoice(Period(begins, present), span, first_day.isoformat(), _today(reader).isoformat(), refused)


def period_picker(reader: Reader, chosen: PeriodChoice, address: str) -> None:
    """Spans as links, dates as a form: both lead to the same page with other parameters."""
    _ = reader._
    names = {
        "24h": _("24 h"),
        "7d": _("7 days"),
        "30d": _("30 days"),
        "90d": _("90 days"),
    }
    with ui.element("nav").classes("admin-period") as picker:
        picker.props["aria-label"] = _("Period")
        for span, name in names.items():
            link = ui.link(name, f"{address}?period={span}").classes("chip")
            if span == chosen.span:
                link.props("aria-current=true")
        with ui.element("form").classes("admin-dates"):
            _date("since", _("From"), chosen.first_day)
            _date("until", _("To"), chosen.last_day)
            TextElement(tag="button", text=_("Show")).props("type=submit").classes("small-button")
    if chosen.refused:
        ui.label(sentence(reader, chosen.refused)).classes("admin-failed").props("role=alert")


def _date(name: str, label: str, value: str) -> None:
    field = ui.element("input").props("type=date required")
    field.props.update({"name": name, "aria-label": label, "value": value})


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _moment(reader: Reader, text: str) -> datetime | None:
    try:
        moment = datetime.strptime(text, TO_THE_MINUTE).replace(tzinfo=ZoneInfo(reader.preferences.zone))
    except ValueError:
        return None
    return moment if moment.year in YEARS else None


def _today(reader: Reader, days_later: int = 0) -> date:
    return now().astimezone(ZoneInfo(reader.preferences.zone)).date() + timedelta(days=days_later)


def _midnight(reader: Reader, day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(reader.preferences.zone))
