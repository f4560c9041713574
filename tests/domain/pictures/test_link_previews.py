"""Link previews: drawn once for all who ask at once, beside whatever else the server does."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import Busy
from domain.pictures.link_preview import Preview
from domain.pictures.link_previews import KEPT, MOST_WAITING, Previews
from domain.pictures.photos import Photos

MARINA = Preview("Марина", "Смотрительница маяка", None, ("#B4532A", "#E9A46A"))


def others(count: int) -> list[Preview]:
    return [Preview(f"Марина {n}", "", None, MARINA.colours) for n in range(count)]


@pytest.fixture
def previews(photos: Photos) -> Previews:
    return Previews(photos, [], "Беседа")


async def test_what_many_ask_for_at_once_is_drawn_once_and_others_are_served_meanwhile(previews: Previews) -> None:
    asking = asyncio.gather(*(previews.jpeg(MARINA) for _each in range(2 * MOST_WAITING)))
    served = 0
    while not asking.done():
        served += 1
        await asyncio.sleep(0)
    first, *rest = await asking
    assert all(each is first for each in rest), "each drawing would have been bytes of its own"
    assert served > 10


async def test_what_has_changed_is_drawn_anew(previews: Previews) -> None:
    renamed = Preview("Марта", MARINA.teaser, MARINA.photo, ("#3F6C6A", "#93BFA6"))
    assert await previews.jpeg(MARINA) is await previews.jpeg(MARINA)
    assert await previews.jpeg(renamed) != await previews.jpeg(MARINA)


async def test_whoever_would_wait_behind_too_many_is_asked_to_come_again(previews: Previews) -> None:
    kept = await previews.jpeg(MARINA)
    answers = await asyncio.gather(*map(previews.jpeg, others(MOST_WAITING + 5)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [bytes] * MOST_WAITING + [Busy] * 5
    assert await previews.jpeg(MARINA) is kept, "what is drawn already waits for nobody"
    assert len(answers) < KEPT
