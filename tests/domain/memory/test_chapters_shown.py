"""Chapters shown to a person: of each part the coarsest that covers it, however many there are."""

from __future__ import annotations

from random import Random

from domain.memory.editing.chapters_shown import Outline, shown_of
from domain.memory.rows import DIGEST, MadeBy


def outline(number: int, level: int, first_id: int, last_id: int, *, has_text: bool = True) -> Outline:
    return Outline(number, level, first_id, last_id, MadeBy.MODEL, "", has_text, is_running=not has_text)


def is_within(inner: Outline, outer: Outline) -> bool:
    return outer.level > inner.level and outer.first_id <= inner.first_id and inner.last_id <= outer.last_id


def test_what_a_sum_tells_is_shown_by_the_sum_alone_even_if_they_overlap() -> None:
    dice = Random(16)
    chapters = []
    for number in range(300):
        first_id = dice.randrange(100)
        spans = first_id, first_id + dice.randrange(40)
        chapters.append(outline(number, dice.choice((0, 0, 0, 1, 1, 2)), *spans, has_text=dice.random() < 0.8))
    sums = [each for each in chapters if each.has_text]
    assert shown_of(chapters) == [each for each in chapters if not any(is_within(each, above) for above in sums)]


def test_ten_thousand_that_overlap_are_looked_at_once_each() -> None:
    chapters = [outline(n, 1, n, n + 2) for n in range(10_000)]
    digest = outline(10_000, DIGEST, 0, 10_001)
    assert shown_of([*chapters, digest]) == [*chapters, digest]
