"""A walk through every page, dialog and menu: nothing scrolls sideways, nothing lies over a control or a text, a finger
meets what it aims at, the console is silent, axe finds nothing grave.

Here at two widths; `make walk` takes all widths, themes and languages, with an announcement and without.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator

import pytest
from playwright.sync_api import Browser

from tests.e2e.product import Product
from tests.e2e.walk.ground import fill_ground
from tests.e2e.walk.visits import VISITS, Visit
from tests.e2e.walk.walker import Walker, looks_into, looks_of

WHOLE = bool(os.environ.get("WHOLE_WALK"))


@pytest.fixture(scope="module")
def walkers(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Generator[Callable[[bool], Walker]]:
    """One who has put the announcement away, and one who has not."""
    product = Product(tmp_path_factory.mktemp("walk"), DEMO_PAUSE="0")
    ground = fill_ground(product.data)
    product.start()
    both = {announced: Walker(browser, product.url, ground, announced=announced) for announced in (False, True)}
    yield both.__getitem__
    for each in both.values():
        each.leave()
    product.stop()


def visits() -> list[object]:
    return [
        pytest.param(number, visit, id=str(visit), marks=[pytest.mark.expects_console(*visit.provokes)])
        for number, visit in enumerate(VISITS)
    ]


@pytest.mark.parametrize(("number", "visit"), visits())
def test_a_page_is_in_order_however_it_is_looked_at(
    walkers: Callable[[bool], Walker], number: int, visit: Visit
) -> None:
    found: list[str] = []
    for language, announced, looks in looks_of(number, whole=WHOLE):
        walker = walkers(announced)
        walker.open(visit, language, looks[0])
        for look in looks:
            found += walker.look(look)
        for place, opening in enumerate(visit.opens):
            for look in looks_into(opening, looks, place, whole=WHOLE):
                found += walker.look_into(visit, opening, look)
    assert not found, "\n".join([str(visit), *dict.fromkeys(found)])
