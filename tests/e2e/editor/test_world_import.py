"""Worlds come in from files: each once, whatever becomes of the answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.arrivals import arrive
from tests.e2e.people import Person

WORLD = {"spec": "lorebook_v3", "data": {"name": "Арбат", "extensions": {}, "entries": []}}


@pytest.mark.expects_console("ERR_FAILED")
def test_a_world_whose_answer_is_lost_is_chosen_again_and_made_once(
    person: Callable[[str], Person], tmp_path: Path
) -> None:
    vika = person("Vika")
    arrive(vika)
    page = vika.page
    vika.open("/worlds")
    file = tmp_path / "arbat.json"
    file.write_text(json.dumps(WORLD), "utf-8")

    def lose(route: Route) -> None:
        assert route.fetch().ok
        route.abort()

    page.route("**/feed/worlds/file?*", lose, times=1)
    chooser = page.locator(".world-import input[type=file]")
    chooser.set_input_files(file)
    expect(page.locator(".world-import").get_by_role("alert")).to_be_visible()
    chooser.set_input_files(file)
    page.wait_for_url(re.compile(r"/worlds/\d+$"))
    vika.open("/worlds")
    expect(page.get_by_role("main").get_by_role("link", name="Арбат")).to_have_count(1)
