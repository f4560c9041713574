"""A walk through every page, dialog and menu: nothing scrolls sideways, nothing lies over a control or a text, a finger
meets what it aims at, the console is silent, axe finds nothing grave.

Here at two widths; `make walk` takes all widths, themes and languages, with an announcement and without.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.e2e.product import Product
from tests.e2e.walk.ground import fill_ground
from tests.e2e.walk.visits import VISITS, Visit
from tests.e2e.walk.walker import Walk, Walker, looks_into, walks_of

pytestmark = pytest.mark.slow

WHOLE = bool(os.environ.get("WHOLE_WALK"))

SETTINGS = {"DEMO_PAUSE": "0", "DAILY_TOKENS": "100000", "CONTACT": "admin@example.test"}
SITES = {
    f"{site}_CLIENT_{part}": "made-up" for site in ("YANDEX", "VK", "GOOGLE", "GITHUB") for part in ("ID", "SECRET")
}


@pytest.fixture(scope="module")
def walkers(
    browser: Browser, lasting: list[BrowserContext], tmp_path_factory: pytest.TempPathFactory
) -> Generator[Callable[[bool], Walker]]:
    """One who has put the announcement away, and one who has not."""
    product = Product(tmp_path_factory.mktemp("walk"), **SETTINGS, **SITES)
    ground = fill_ground(product.data)
    product.start()
    both = {
        announced: Walker(browser, product, ground, announced=announced, renewed=lasting.append)
        for announced in (False, True)
    }
    yield both.__getitem__
    for each in both.values():
        each.leave()
    product.stop()


def walks() -> list[object]:
    return [
        pytest.param(visit, walk, id=f"{visit}, {walk}", marks=[pytest.mark.expects_console(*visit.provokes)])
        for number, visit in enumerate(each for each in VISITS if WHOLE or not each.is_rare)
        for walk in walks_of(number, whole=WHOLE)
    ]


@pytest.mark.parametrize(("visit", "walk"), walks())
def test_a_page_is_in_order_however_it_is_looked_at(
    walkers: Callable[[bool], Walker], visit: Visit, walk: Walk
) -> None:
    walker = walkers(walk.announced)
    walker.open(visit, walk.language, walk.looks[0])
    found = [each for look in walk.looks for each in walker.look(look)]
    for opening in visit.opens:
        found += walker.look_into(visit, opening, looks_into(opening, walk.looks, whole=WHOLE))
    assert not found, "\n".join([str(visit), *dict.fromkeys(found)])
