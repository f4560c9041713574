"""Fixtures: our log-in routes on one port, a provider's site on another, and browsers between them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from domain.accounts.identities import Identities
from domain.accounts.providers import GITHUB, OPENID, VK, YANDEX, Provider
from domain.errors import AppError
from domain.moderation.ban_evasion import BanEvasion
from domain.settings.settings import Settings
from main import build_server
from tests.provider_server import CLIENT, SECRET, ProviderServer, Served
from ui.account.sign_in.oauth_routes import oauth_routes
from ui.account.sign_in.provider_buttons import DOORS
from ui.account.sign_in.session_routes import session_routes
from ui.app import App
from ui.request.visitor import reader_of


class ProviderWorld(Served):
    """Our log-in routes, and a route that tells who the browser is logged in as."""

    async def open(self, settings: Settings, providers: tuple[Provider, ...]) -> None:
        plugged, _ = build_server(settings)
        ban_evasion = BanEvasion(plugged.database, plugged.limits, secret="a secret of this test")
        self.app: App = replace(
            plugged, accounts=replace(plugged.accounts, identities=Identities(plugged.database, ban_evasion, providers))
        )
        web = FastAPI()
        web.include_router(session_routes(self.app))
        web.mount(DOORS, oauth_routes(self.app))

        @web.get("/who")
        async def who(request: Request) -> str:
            user = (await reader_of(self.app, request)).user
            return user.display_name if user else "nobody"

        @web.exception_handler(AppError)
        async def refused(_request: Request, error: AppError) -> JSONResponse:
            return JSONResponse({"error": str(error)}, 401)

        await self.start(web)


class Browser:
    """Somebody at our log-in routes, with cookies of their own."""

    def __init__(self, world: ProviderWorld) -> None:
        self.http = httpx2.AsyncClient(base_url=world.url, headers={"Accept-Language": "ru"})

    async def leave(self, provider: str, way_on: str = "") -> str:
        """Start a log-in; returns the provider's address that it redirects to."""
        answer = await self.http.get(f"{DOORS}/{provider}", params={"next": way_on} if way_on else {})
        assert answer.status_code == 303
        return answer.headers["location"]

    async def come_back(self, address: str) -> str:
        """Follow the provider's redirect back; returns the address that it redirects to."""
        answer = await self.http.get(address)
        assert answer.status_code == 303
        assert answer.headers["cache-control"] == "no-store"
        return answer.headers["location"]

    async def who(self) -> str:
        return str((await self.http.get("/who")).json())


@pytest.fixture
async def site() -> AsyncGenerator[ProviderServer]:
    async with ProviderServer() as site:
        yield site


@asynccontextmanager
async def opened(
    database_url: str, folder: Path, *providers: Provider, **settings: str
) -> AsyncGenerator[ProviderWorld]:
    world = ProviderWorld()
    given: dict[str, Any] = {"database_url": database_url, "data_dir": folder, "public_url": world.url} | settings
    await world.open(Settings(_env_file=None, **given), providers)
    yield world
    await world.stop()
    await world.app.database.close()


def at(site: ProviderServer, shape: Provider, **changed: Any) -> Provider:
    """The provider as our product knows it, with the addresses of the tests' site."""
    known = replace(shape, client_id=CLIENT, client_secret=SECRET, **changed)
    if shape is OPENID:
        return replace(known, issuer=changed.get("issuer", site.url))
    return replace(
        known,
        authorize=f"{site.url}/authorize",
        token=f"{site.url}/token",
        user_info=f"{site.url}/info",
        emails=shape.emails and f"{site.url}/emails",
    )


@pytest.fixture
async def world(database_url: str, tmp_path: Path, site: ProviderServer) -> AsyncGenerator[ProviderWorld]:
    providers = [at(site, shape) for shape in (YANDEX, VK, GITHUB, OPENID)]
    async with opened(database_url, tmp_path, *providers) as world:
        yield world


@pytest.fixture
async def browser(world: ProviderWorld) -> AsyncGenerator[Browser]:
    browser = Browser(world)
    yield browser
    await browser.http.aclose()


@pytest.fixture
async def other_browser(world: ProviderWorld) -> AsyncGenerator[Browser]:
    browser = Browser(world)
    yield browser
    await browser.http.aclose()


def query(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


def refusal(address: str) -> str:
    assert urlsplit(address).path == "/log-in", f"let in: {address}"
    return query(address)["refused"]
