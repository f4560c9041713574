"""API documentation: Swagger at /docs: all of it from here, and nothing described but the API."""

from __future__ import annotations

import re

from tests.ui.api.conftest import Town


def test_swagger_is_served_from_our_own_host(town: Town) -> None:
    page = town.stranger.get("/docs")
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert addresses
    for address in addresses:
        assert address.startswith("/"), "our CSP lets nothing else in"
        assert town.stranger.get(address).status_code == 200, address
    assert town.stranger.get("/docs/..%2f..%2fpyproject.toml").status_code == 404


def test_only_the_api_is_described(town: Town) -> None:
    described = town.stranger.get("/openapi.json").json()
    assert all(path.startswith("/api/") for path in described["paths"])
    assert "context" in described["info"]["description"], "what is changed on purpose is said there"


def test_what_is_not_there_is_json_too(town: Town) -> None:
    for path in ("/api/", "/api/nothing", "/api/characters/1/nothing"):
        answer = town.stranger.get(path)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})
    assert town.stranger.ask("PUT", "/api/characters").status_code == 405
