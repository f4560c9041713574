"""WebSocket listeners: a table of all on every page, compared with the real pages, and how each takes bad arguments.

A new listener without a row fails here, and one of our components' that `TAKES` does not name is refused. Each event is
rate-limited before it is looked at (test_sockets.py), and each action checks permissions again (test_open_pages.py).
Both ask every page, and are slow. Eight seconds of fuzz; `make fuzz` takes five minutes.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from nicegui import Client, ui

from tests.e2e.product import Product
from tests.pages import declared
from tests.ui.access.conftest import PERSON, UNCOUNTED, Found, World
from tests.ui.access.fuzz import Fuzz
from tests.ui.api.conftest import Town
from ui.socket.border import LARGEST_FRAME
from ui.socket.listeners import LINE, schema_for
from ui.socket.shapes import Small

SECONDS = int(os.environ.get("FUZZ_SECONDS", "8"))
IS_LONG = SECONDS >= 60
LONGEST_BLOCK = 0.25  # seconds
PEOPLE_AT_ONCE = 4

VALUE = "update:modelValue"
SMALL, CHOSEN, NO_WORDS = Small().longest, 300, 0
OF_THE_FRAMEWORK: dict[tuple[str, str], tuple[Callable[[], ui.element], int]] = {
    ("details", "toggle"): (lambda: ui.element("details"), SMALL),
    ("form", "keydown"): (lambda: ui.element("form"), SMALL),
    ("form", "submit"): (lambda: ui.element("form"), SMALL),
    ("nicegui-dark_mode", "update:value"): (ui.dark_mode, NO_WORDS),
    ("nicegui-dialog", "hide"): (ui.dialog, SMALL),
    ("nicegui-dialog", VALUE): (ui.dialog, NO_WORDS),
    ("nicegui-expansion", VALUE): (ui.expansion, NO_WORDS),
    ("nicegui-header", VALUE): (ui.header, NO_WORDS),
    ("nicegui-input", "keydown"): (ui.input, SMALL),
    ("nicegui-input", "update:value"): (ui.input, LINE),
    ("nicegui-select", "popupHide"): (lambda: ui.select([]), SMALL),
    ("nicegui-select", "popupShow"): (lambda: ui.select([]), SMALL),
    ("nicegui-select", VALUE): (lambda: ui.select([]), CHOSEN),
    ("q-btn", "click"): (ui.button, SMALL),
    ("q-checkbox", VALUE): (ui.checkbox, NO_WORDS),
    ("q-drawer", VALUE): (ui.left_drawer, NO_WORDS),
    ("q-icon", "click"): (lambda: ui.icon("x"), SMALL),
    ("q-input", "blur"): (ui.number, SMALL),
    ("q-input", VALUE): (ui.number, 40),
    ("q-item", "click"): (lambda: ui.menu_item("x"), SMALL),
    ("q-layout", "sub_pages_navigate"): (lambda: ui.context.client.layout, LINE),
    ("q-layout", "sub_pages_open"): (lambda: ui.context.client.layout, LINE),
    ("q-menu", VALUE): (ui.menu, NO_WORDS),
    ("q-option-group", VALUE): (lambda: ui.radio([]), NO_WORDS),
}
"""The framework's elements that pages listen to: one of them, and the longest string that it takes."""


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """File for the product's own heartbeat: measured from outside, it would include waiting for the machine."""
    return tmp_path_factory.mktemp("heart") / "heart"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, heard: Path) -> Generator[World]:
    """A separate product: here every button is pressed."""
    settings = {"DEMO_PAUSE": "0", "LIMITS": UNCOUNTED, "HEART_FILE": str(heard)}
    product = Product(tmp_path_factory.mktemp("listeners"), program=("-m", "tests.bench.heart"), **settings)
    product.start()
    town = Town(product, f"sqlite:///{product.data / 'beseda.db'}")
    world = World(town)
    world.programs[PERSON].say(world.public, "Привет!")  # and so may rate
    yield world
    town.leave()
    product.stop()


def test_each_string_that_our_components_take_has_an_end() -> None:
    takes = declared()
    assert len(takes) > 10
    for tag, kinds in takes.items():
        for kind, shape in kinds.items():
            assert shape is None or shape.longest * 3 <= LARGEST_FRAME, f"{kind} of {tag}"


@pytest.mark.parametrize(("tag", "kind"), OF_THE_FRAMEWORK)
async def test_each_string_that_the_frameworks_elements_take_has_an_end(tag: str, kind: str) -> None:
    make, longest = OF_THE_FRAMEWORK[tag, kind]
    with Client(ui.page("/nowhere")):
        element = make()
        declared_here = schema_for(element, kind)
    assert element.tag == tag
    assert declared_here
    assert declared_here.longest == longest
    assert not declared_here.fits(["x" * (longest + 1)])
    assert not declared_here.fits([[["x" * (longest + 1)]]])


@pytest.mark.slow
async def test_every_listener_of_every_page_has_its_row(world: World, routes: list[Found]) -> None:
    fuzz = Fuzz(world, routes, seed=0)
    await fuzz.every_page()
    ours = {(tag, kind) for tag, kinds in declared().items() for kind in kinds}
    assert not fuzz.failed
    assert fuzz.seen - ours <= OF_THE_FRAMEWORK.keys()
    assert {
        ("nicegui-composer", "send"),
        ("nicegui-editor_form", "save"),
        ("nicegui-report_queue", "action"),
    } <= fuzz.seen
    assert {("form", "submit"), ("q-btn", "click"), ("nicegui-input", "update:value")} <= fuzz.seen


def longest_block(heard: Path) -> float:
    """The longest block of the event loop since the product was started, in seconds."""
    return max((float(line.split()[1]) for line in heard.read_text().splitlines()), default=0.0)


@pytest.mark.slow
async def test_whatever_comes_by_a_socket_breaks_nothing(world: World, routes: list[Found], heard: Path) -> None:
    fuzz = Fuzz(world, routes, seed=SECONDS)
    await asyncio.gather(*(fuzz.go_on(SECONDS) for _ in range(PEOPLE_AT_ONCE)))
    longest = longest_block(heard)
    print(f"{fuzz.pages} pages, {fuzz.events} events, longest block of the event loop {longest * 1000:.0f} ms")
    log = world.town.product.log.read_text("utf-8")
    assert not fuzz.failed
    assert "Traceback" not in log, log[log.index("Traceback") - 500 :][:3_000]
    assert " ERROR " not in log
    assert world.town.stranger.get("/api/characters").status_code == 200
    if IS_LONG:
        assert longest < LONGEST_BLOCK
