"""Numbers of the overview and the lists they lead to: of the same period, to the hour."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest

from domain.admin.dialogs import Faults
from domain.language import Texts
from domain.statistics.period_stats import Period, figures_of
from domain.usage.usage import hour_begins
from ui.admin.directory.dialogs_list import dialogs_filter
from ui.admin.directory.people_list import people_filter
from ui.admin.shell.period import chosen_period
from ui.admin.statistics.tiles import tiles
from ui.request.visitor import Preferences, Reader


def led_to(reader: Reader, span: str) -> tuple[Period, dict[str, dict[str, str]]]:
    """The period of the numbers, and by the label of a tile the query of the list behind it."""
    chosen, zone = chosen_period(reader, span, "", ""), ZoneInfo(reader.preferences.zone)
    figures = figures_of(
        chosen.period,
        [],
        [],
        zone,
        people_now=0,
        new_people=(0, 0),
        new_dialogs=(0, 0),
        top_characters=[],
        top_people=[],
    )
    shown = tiles(reader, figures, chosen)
    return chosen.period, {tile["label"]: dict(parse_qsl(urlsplit(tile["href"]).query)) for tile in shown}


@pytest.mark.parametrize("zone", ["Europe/Moscow", "Asia/Kolkata", "America/New_York"])
def test_the_numbers_of_24_hours_lead_to_lists_of_the_same_hours(zone: str) -> None:
    reader = Reader(Preferences("en", "auto", zone), Texts("en"))
    period, queries = led_to(reader, "24h")
    first, stop = hour_begins(period.hours.start), hour_begins(period.hours.stop)
    spoken = dialogs_filter(reader, queries["Messages"], None, None)
    assert (spoken.since, spoken.until) == (first, stop)
    begun = dialogs_filter(reader, queries["New conversations"], None, None)
    assert (begun.started_since, begun.started_until) == (first, stop)
    assert (begun.is_trial, begun.is_loaded) == (False, False), "as the number counts"
    new, active = (people_filter(reader, queries[name]) for name in ("New users", "Active users"))
    assert (new.registered_since, new.registered_until) == (first, stop)
    assert (active.spoken_since, active.spoken_until) == (first, stop)


def test_errors_and_refusals_lead_to_two_lists() -> None:
    reader = Reader(Preferences("en", "auto", "UTC"), Texts("en"))
    _, queries = led_to(reader, "7d")
    lists = [
        dialogs_filter(reader, queries[name], None, None).faults for name in ("Model errors", "Blocked by the filter")
    ]
    assert lists == [Faults.FAILED, Faults.REFUSED]
