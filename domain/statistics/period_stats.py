"""Period statistics (metrics): the numbers of a period, summed from hourly totals; no database access here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from domain.characters.reply_feedback import FeedbackCount
from domain.errors import Invalid
from domain.statistics.daily_totals import Top
from domain.statistics.hourly_totals import Hour, ModelSum
from domain.statistics.latency_histogram import add, percentile
from domain.statistics.packed_ints import unpacked
from domain.usage.usage import hour_begins, hour_of

LONGEST = timedelta(days=366)
BY_THE_HOUR = timedelta(days=3)
"""Maximum length of a period charted by the hour; longer ones are charted by day."""


@dataclass(frozen=True)
class Period:
    """Whole hours, from the one containing `since` to the one that ends at or after `until`. Both are aware.

    Raises `Invalid` for `since`.
    """

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        if not timedelta(0) < self.until - self.since <= LONGEST:
            raise Invalid(
                "A period can be at most {days} days long and must end after it starts.", field="since", days=366
            )

    @property
    def hours(self) -> range:
        return range(hour_of(self.since), hour_of(self.until - timedelta(microseconds=1)) + 1)

    @property
    def hours_before(self) -> range:
        """The preceding period of the same length."""
        return range(self.hours.start - len(self.hours), self.hours.start)


class LinkedList(StrEnum):
    """The list that a number leads to, and in which order: names for the page to make an address of."""

    PEOPLE_NOW = "people now"
    PEOPLE_SEEN = "people seen"
    PEOPLE_NEW = "people new"
    DIALOGS_NEW = "dialogs new"
    DIALOGS_SPOKEN = "dialogs spoken"
    DIALOGS_TOKENS = "dialogs tokens"
    DIALOGS_COST = "dialogs cost"
    DIALOGS_FAILED = "dialogs failed"
    DIALOGS_REFUSED = "dialogs refused"


@dataclass(frozen=True)
class Figure:
    """A figure, its value in the previous period, and the list it links to. None: there was nothing to measure."""

    value: int | None
    before: int | None
    behind: LinkedList


@dataclass(frozen=True)
class Point:
    """A point of a chart: what happened in the hour or day beginning then, in the reader's time zone."""

    begins: datetime
    messages: int
    people: int


@dataclass(frozen=True)
class PeriodStats:
    """`messages` are those written by users; costs are in millionths of a rouble, first-word latency in
    milliseconds.
    """

    people_now: int
    active: Figure
    new_people: Figure
    new_dialogs: Figure
    messages: Figure
    trial_messages: Figure
    """Messages of people who had not signed up, which are not among `messages`."""
    replies: Figure
    tokens: Figure
    cost: Figure
    failed: Figure
    filtered: Figure
    first_text_p50: Figure
    first_text_p95: Figure
    by_hour: bool
    """Whether a point is an hour rather than a day."""
    series: list[Point] = field(default_factory=list)
    models: list[ModelSum] = field(default_factory=list)
    heat: list[list[int]] = field(default_factory=list)
    """Messages by weekday (from Monday) and hour of the day, in the reader's time zone."""
    top_characters: list[Top] = field(default_factory=list)
    top_people: list[Top] = field(default_factory=list)
    feedback: dict[str, FeedbackCount] = field(default_factory=dict)
    """Feedback on the replies of each model, of all time, whatever the period."""


@dataclass
class Totals:
    """Totals of some hours."""

    messages: int = 0
    trial_messages: int = 0
    replies: int = 0
    tokens: int = 0
    cost: int = 0
    failed: int = 0
    filtered: int = 0
    people: set[int] = field(default_factory=set)
    first_texts: Counter[int] = field(default_factory=Counter)

    def add(self, hour: Hour) -> None:
        self.messages += hour.messages
        self.trial_messages += hour.trial_messages
        self.replies += hour.replies
        self.tokens += hour.tokens_in + hour.tokens_out
        self.cost += hour.cost
        self.failed += hour.failed
        self.filtered += hour.filtered
        self.people.update(unpacked(hour.people))
        add(self.first_texts, hour.first_texts)


def figures_of(
    period: Period,
    hours: Sequence[Hour],
    models: Iterable[ModelSum],
    zone: tzinfo,
    *,
    people_now: int,
    new_people: tuple[int, int],
    new_dialogs: tuple[int, int],
    top_characters: list[Top],
    top_people: list[Top],
) -> PeriodStats:
    """`hours` are those of the period and of the previous one; hours without activity may be missing. `new_people` and
    `new_dialogs` are the numbers of this period and of the previous one.
    """
    now, before = Totals(), Totals()
    these = period.hours
    within = [each for each in hours if each.hour in these]
    for each in hours:
        (now if each.hour in these else before).add(each)

    def figure(value: Callable[[Totals], int | None], behind: LinkedList) -> Figure:
        return Figure(value(now), value(before), behind)

    by_hour = period.until - period.since <= BY_THE_HOUR
    return PeriodStats(
        people_now=people_now,
        active=figure(lambda sums: len(sums.people), LinkedList.PEOPLE_SEEN),
        new_people=Figure(*new_people, LinkedList.PEOPLE_NEW),
        new_dialogs=Figure(*new_dialogs, LinkedList.DIALOGS_NEW),
        messages=figure(lambda sums: sums.messages, LinkedList.DIALOGS_SPOKEN),
        trial_messages=figure(lambda sums: sums.trial_messages, LinkedList.DIALOGS_SPOKEN),
        replies=figure(lambda sums: sums.replies, LinkedList.DIALOGS_SPOKEN),
        tokens=figure(lambda sums: sums.tokens, LinkedList.DIALOGS_TOKENS),
        cost=figure(lambda sums: sums.cost, LinkedList.DIALOGS_COST),
        failed=figure(lambda sums: sums.failed, LinkedList.DIALOGS_FAILED),
        filtered=figure(lambda sums: sums.filtered, LinkedList.DIALOGS_REFUSED),
        first_text_p50=figure(lambda sums: percentile(sums.first_texts, 0.5), LinkedList.DIALOGS_SPOKEN),
        first_text_p95=figure(lambda sums: percentile(sums.first_texts, 0.95), LinkedList.DIALOGS_SPOKEN),
        by_hour=by_hour,
        series=_series(period, within, zone, by_hour=by_hour),
        models=_models(models),
        heat=_heat(within, zone),
        top_characters=top_characters,
        top_people=top_people,
    )


def _series(period: Period, hours: Iterable[Hour], zone: tzinfo, *, by_hour: bool) -> list[Point]:
    """A point for each hour or day of the period, including those without activity."""
    known = {each.hour: each for each in hours}
    drawn: dict[datetime | date, tuple[int, set[int]]] = {}
    for hour in period.hours:
        begins = hour_begins(hour)  # in UTC, so that an hour that clocks show twice is two
        point = begins if by_hour else begins.astimezone(zone).date()
        messages, people = drawn.get(point, (0, set()))
        if total := known.get(hour):
            messages += total.messages
            people.update(unpacked(total.people))
        drawn[point] = (messages, people)
    return [Point(_beginning(point, zone), messages, len(people)) for point, (messages, people) in drawn.items()]


def _beginning(point: datetime | date, zone: tzinfo) -> datetime:
    if isinstance(point, datetime):
        return point.astimezone(zone)
    return datetime(point.year, point.month, point.day, tzinfo=zone)


def _models(parts: Iterable[ModelSum]) -> list[ModelSum]:
    """The models, by tokens read and written, the most used first."""
    sums: dict[str, list[int]] = {}
    for part in parts:
        counts = (part.replies, part.tokens_in, part.tokens_out, part.cost)
        sums[part.model] = [old + new for old, new in zip(sums.get(part.model, [0] * 4), counts, strict=True)]
    found = [ModelSum(model, *counts) for model, counts in sums.items()]
    return sorted(found, key=lambda each: each.tokens_in + each.tokens_out, reverse=True)


def _heat(hours: Iterable[Hour], zone: tzinfo) -> list[list[int]]:
    heat = [[0] * 24 for _weekday in range(7)]
    for each in hours:
        begins = hour_begins(each.hour).astimezone(zone)
        heat[begins.weekday()][begins.hour] += each.messages
    return heat
