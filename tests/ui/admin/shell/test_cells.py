"""Table cells: what admins read in those of their lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.clock import now
from domain.language import Texts
from tests.clock import Clock
from ui.admin.shell.cells import ago, numbered
from ui.request.visitor import Preferences, Reader
from ui.widgets.money import money


@pytest.mark.parametrize(
    ("millionths", "read"),
    [(0, "0,00 ₽"), (1, "< 0,01 ₽"), (9_999, "< 0,01 ₽"), (10_000, "0,01 ₽"), (12_400_000, "12,40 ₽")],
)
def test_what_is_less_than_a_kopeck_is_not_nothing(millionths: int, read: str) -> None:
    assert money(Texts("ru"), millionths).replace("\xa0", " ") == read


def test_money_and_numbers_are_written_as_each_language_writes_them() -> None:
    assert [money(Texts("en"), each) for each in (0, 1, 1_234_500_000)] == ["₽0.00", "< ₽0.01", "₽1,234.50"]
    assert (numbered(Texts("ru"), 172), numbered(Texts("en"), 172)) == ("№\xa0172", "#172")


@pytest.mark.parametrize(
    ("passed", "russian", "english"),
    [
        (timedelta(seconds=70), "минуту назад", "1 minute ago"),
        (timedelta(minutes=21), "21 минуту назад", "21 minutes ago"),
        (timedelta(hours=1), "час назад", "1 hour ago"),
        (timedelta(hours=5), "5 часов назад", "5 hours ago"),
        (timedelta(hours=12), "12 часов назад", "12 hours ago"),
        (timedelta(hours=13), "вчера", "yesterday"),
        (timedelta(hours=30), "вчера", "yesterday"),
        (timedelta(days=3), "3 дня назад", "3 days ago"),
        (timedelta(days=7), "неделю назад", "1 week ago"),
    ],
)
def test_how_long_ago_is_told_as_people_say_it(passed: timedelta, russian: str, english: str, clock: Clock) -> None:
    """To a reader in Vladivostok, where it is noon."""
    clock.set(datetime(2026, 11, 28, 2, tzinfo=UTC))
    for language, told in (("ru", russian), ("en", english)):
        reader = Reader(Preferences(language, "auto", "Asia/Vladivostok"), Texts(language))
        assert ago(reader, now() - passed).replace("\xa0", " ") == told
