"""API documentation: Swagger at /docs: all of it from here, and nothing described but the API."""

from __future__ import annotations

import asyncio
import hashlib
import re
import threading
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI

from tests.ui.api.conftest import Town
from ui.api.docs import docs
from ui.api.json_api import JsonApi
from ui.app import App

ROOT = Path(__file__).parents[3]


def test_swagger_is_served_from_our_own_host(town: Town) -> None:
    page = town.stranger.get("/docs")
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert addresses
    for address in addresses:
        assert address.startswith("/"), "our CSP lets nothing else in"
        assert town.stranger.get(address).status_code == 200, address
    assert town.stranger.get("/docs/..%2f..%2fpyproject.toml").status_code == 404


@pytest.mark.parametrize("vendor", [ROOT / "assets" / "vendor", ROOT / "tests" / "vendor"], ids=["served", "of tests"])
def test_scripts_of_others_are_those_whose_sums_are_written_beside_them(vendor: Path) -> None:
    written = {name: sum_ for sum_, name in (line.split("  ") for line in _sums(vendor / "README.md"))}
    there = {
        str(file.relative_to(vendor)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in vendor.rglob("*")
        if file.suffix in {".js", ".css"}
    }
    assert there == written


def _sums(readme: Path) -> list[str]:
    return re.findall(r"^[0-9a-f]{64}  \S+$", readme.read_text("utf-8"), re.MULTILINE)


def test_only_the_api_is_described(town: Town) -> None:
    described = town.stranger.get("/openapi.json").json()
    assert all(path.startswith("/api/") for path in described["paths"])
    assert "context" in described["info"]["description"], "what is changed on purpose is said there"


class Described(FastAPI):
    """It remembers the threads in which its description was made."""

    def __init__(self) -> None:
        super().__init__()
        self.made_in: list[int] = []

    def openapi(self) -> dict[str, Any]:
        self.made_in.append(threading.get_ident())
        return {"paths": {}}


class Watched(JsonApi):
    """It remembers the threads in which it was built."""

    def __init__(self) -> None:
        super().__init__(cast("App", None))
        self.described, self.built_in = Described(), list[int]()

    def build(self) -> FastAPI:
        self.built_in.append(threading.get_ident())
        return self.described


async def test_the_api_is_built_once_for_all_who_are_first_and_nobody_waits_for_it() -> None:
    async with _in_front_of(api := Watched()) as program:
        answers = await asyncio.gather(*(program.get(f"/api/nothing/{n}") for n in range(3)))
    assert [answer.json() for answer in answers] == [{"detail": "Not Found"}] * 3
    assert len(api.built_in) == 1
    assert api.built_in != [threading.get_ident()], "the event loop's own"


async def test_nobody_waits_while_the_description_is_made() -> None:
    async with _in_front_of(api := Watched()) as browser:
        assert (await browser.get("/openapi.json")).json() == {"paths": {}}
    assert len(api.built_in) == len(api.described.made_in) == 1
    assert threading.get_ident() not in api.built_in + api.described.made_in, "the event loop's own"


def _in_front_of(api: JsonApi) -> httpx.AsyncClient:
    site = FastAPI(openapi_url=None, docs_url=None)
    site.include_router(docs(api))
    site.mount("/api", api)
    return httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="http://beseda.test")


def test_what_is_not_there_is_json_too(town: Town) -> None:
    for path in ("/api/", "/api/nothing", "/api/characters/1/nothing"):
        answer = town.stranger.get(path)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})
    assert town.stranger.ask("PUT", "/api/characters").status_code == 405
