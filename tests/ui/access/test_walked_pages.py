"""The walk (tests/e2e/walk) goes to every page: one without a row in its table fails, and so does a row without one."""

from __future__ import annotations

from tests.e2e.walk.visits import PAGES
from tests.ui.access.conftest import Found
from tests.ui.access.test_routes import OF_THE_FRAMEWORK

NO_PAGES = (
    *OF_THE_FRAMEWORK,
    *("GET /feed/", "GET /admin/feed/", "GET /export/", "GET /pictures/", "GET /portraits/", "GET /log-in/with/"),
    *("GET /livez", "GET /readyz", "GET /healthz", "GET /docs"),
)
ONLY_LEAD_ON = {"GET /mine"}


def test_every_page_is_walked_through(routes: list[Found]) -> None:
    pages = {
        str(route).removeprefix("GET ")
        for route in routes
        if route.method == "GET"
        and not str(route).startswith(NO_PAGES)
        and str(route) not in ONLY_LEAD_ON
        and "." not in route.path  # a file
    }
    assert pages == set(PAGES)
