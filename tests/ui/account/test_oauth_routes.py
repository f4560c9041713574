"""OAuth log-in over real HTTP: our routes on one port, the other site on another, a browser between them."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx2
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from oidc_provider_mock import User as Somebody
from oidc_provider_mock import run_server_in_thread

from domain.accounts.identities import Identities
from domain.accounts.providers import GITHUB, OPENID, VK, YANDEX, Provider
from domain.errors import AppError
from domain.model.user import User
from domain.moderation.ban_evasion import BanEvasion
from domain.settings.settings import Settings
from main import build_server
from tests.provider_server import CLIENT, DEVICE, SECRET, ProviderServer, Served
from ui.account.sign_in.acquaintance import WELCOME
from ui.account.sign_in.oauth_routes import oauth_routes
from ui.account.sign_in.provider_buttons import DOORS
from ui.account.sign_in.session_routes import session_routes
from ui.app import App
from ui.request.visitor import reader_of

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


class ProviderWorld(Served):
    """Our doors, and who the browser at them is."""

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
    """Somebody at our doors, with cookies of their own."""

    def __init__(self, world: ProviderWorld) -> None:
        self.http = httpx2.AsyncClient(base_url=world.url, headers={"Accept-Language": "ru"})

    async def leave(self, provider: str, way_on: str = "") -> str:
        """Off to the provider; where to."""
        answer = await self.http.get(f"{DOORS}/{provider}", params={"next": way_on} if way_on else {})
        assert answer.status_code == 303
        return answer.headers["location"]

    async def come_back(self, address: str) -> str:
        """Where it goes on from there."""
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


async def test_a_newcomer_from_yandex_gets_acquainted_and_goes_on_where_they_wanted(
    browser: Browser, world: ProviderWorld, site: ProviderServer
) -> None:
    location = await browser.leave("yandex", "/chat/7?x=1")
    assert location.startswith(f"{site.url}/authorize?")
    asked = query(location)
    assert asked["redirect_uri"] == f"{world.url}/log-in/with/yandex/back"
    assert (asked["response_type"], asked["code_challenge_method"], asked["scope"]) == ("code", "S256", YANDEX.scope)
    assert SECRET not in location
    assert await browser.come_back(site.consent(location)) == WELCOME + "?next=/chat/7%3Fx%3D1"
    assert await browser.who() == "Ира"


async def test_the_second_log_in_opens_the_same_account(
    browser: Browser, other_browser: Browser, site: ProviderServer
) -> None:
    for each, goes_to in ((browser, WELCOME), (other_browser, "/")):
        assert await each.come_back(site.consent(await each.leave("yandex"))) == goes_to
        site.profile["display_name"] = "Другое имя"
    assert await other_browser.who() == "Ира"


async def test_vk_is_given_its_device_back_and_asked_by_form(browser: Browser, site: ProviderServer) -> None:
    site.profile = {"user": {"user_id": 17, "first_name": "Ира", "last_name": "Кот"}}
    assert await browser.come_back(site.consent(await browser.leave("vk"))) == WELCOME
    assert await browser.who() == "Ира Кот"
    forms = dict(site.asked)
    assert forms["/token"]["device_id"] == DEVICE
    assert (forms["/info"]["client_id"], forms["/info"]["access_token"]) == (CLIENT, site.tokens[0])


async def test_github_is_asked_for_addresses_apart(
    browser: Browser, world: ProviderWorld, site: ProviderServer
) -> None:
    site.profile = {"id": 583231, "login": "kot", "name": None, "email": None}
    assert await browser.come_back(site.consent(await browser.leave("github"))) == WELCOME
    async with world.app.database.read() as db:
        assert (await db.get_one(User, 1)).email == "ira@example.org"


async def test_an_openid_provider_is_known_by_its_issuer_alone(browser: Browser, site: ProviderServer) -> None:
    site.profile = {"name": "Ирина"}
    assert await browser.come_back(site.consent(await browser.leave("oidc"))) == WELCOME
    assert await browser.who() == "Ирина"


async def test_somebody_elses_openid_server_lets_people_in_too(database_url: str, tmp_path: Path) -> None:
    somebody = Somebody(sub="ira", claims={"name": "Ира", "email": "ira@example.org", "email_verified": True})
    with run_server_in_thread(require_nonce=True, user_claims=[somebody]) as server:
        issuer = f"http://localhost:{server.server_port}"
        provider = replace(OPENID, issuer=issuer, client_id=CLIENT, client_secret=SECRET)
        async with opened(database_url, tmp_path, provider) as world, Browser(world).http as http:
            location = (await http.get(f"{DOORS}/oidc")).headers["location"]
            consent = await http.post(location, data={"sub": "ira"})
            assert (await http.get(consent.headers["location"])).headers["location"] == WELCOME
            assert (await http.get("/who")).json() == "Ира"


@pytest.mark.parametrize(
    "way_on",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "x" * 9000,
    ],
)
async def test_nobody_is_led_on_to_another_site(browser: Browser, site: ProviderServer, way_on: str) -> None:
    assert await browser.come_back(site.consent(await browser.leave("yandex", way_on))) == WELCOME


async def test_an_answer_meant_for_another_browser_opens_nothing(
    browser: Browser, other_browser: Browser, site: ProviderServer
) -> None:
    back = site.consent(await browser.leave("yandex"))
    assert refusal(await other_browser.come_back(back)) == "stale"
    await other_browser.leave("yandex")  # it has begun itself, too: the state is another one
    assert refusal(await other_browser.come_back(back)) == "stale"
    assert await other_browser.who() == "nobody"


async def test_a_made_up_or_missing_state_opens_nothing(browser: Browser, site: ProviderServer) -> None:
    back = site.consent(await browser.leave("yandex"))
    code = query(back)["code"]
    for state in ({"state": "made up"}, {}):
        assert refusal(await browser.come_back(f"{DOORS}/yandex/back?{urlencode({'code': code} | state)}")) == "stale"
    assert await browser.who() == "nobody"


async def test_going_back_in_the_browser_after_a_log_in_uses_nothing_twice(
    browser: Browser, site: ProviderServer
) -> None:
    back = site.consent(await browser.leave("yandex"))
    assert await browser.come_back(back) == WELCOME
    asked = len(site.asked)
    assert urlsplit(await browser.come_back(back)).path == "/profile"
    assert len(site.asked) == asked
    assert await browser.who() == "Ира"


async def test_a_used_code_opens_nothing(browser: Browser, other_browser: Browser, site: ProviderServer) -> None:
    used = query(site.consent(await browser.leave("yandex")))["code"]
    await browser.come_back(f"{DOORS}/yandex/back?{urlencode({'code': used, 'state': 'x'})}")
    del site.codes[used]
    state = query(await other_browser.leave("yandex"))["state"]
    stolen = f"{DOORS}/yandex/back?{urlencode({'code': used, 'state': state})}"
    assert refusal(await other_browser.come_back(stolen)) == "failed"


async def test_a_stolen_code_is_worth_nothing_without_its_verifier(
    browser: Browser, other_browser: Browser, site: ProviderServer
) -> None:
    stolen = query(site.consent(await browser.leave("yandex")))["code"]
    state = query(await other_browser.leave("yandex"))["state"]
    back = f"{DOORS}/yandex/back?{urlencode({'code': stolen, 'state': state})}"
    assert refusal(await other_browser.come_back(back)) == "failed"
    assert await other_browser.who() == "nobody"


async def test_what_was_begun_with_one_provider_does_not_end_with_another(
    browser: Browser, site: ProviderServer
) -> None:
    back = site.consent(await browser.leave("yandex"))
    assert refusal(await browser.come_back(back.replace("/yandex/", "/vk/"))) == "stale"


LIES: list[tuple[str, dict[str, Any]]] = [
    ("nonce", {"nonce": "another"}),
    ("nonce", {"nonce": None}),
    ("aud", {"aud": "another client"}),
    ("aud", {"aud": ["another client"], "azp": CLIENT}),
    ("iss", {"iss": "https://evil.example"}),
    ("exp", {"exp": 1_700_000_000}),
    ("exp", {"exp": None}),
    ("sub", {"sub": None}),
]


@pytest.mark.parametrize(("what", "claims"), LIES)
async def test_an_id_token_that_lies_opens_nothing(
    browser: Browser, site: ProviderServer, what: str, claims: dict[str, Any]
) -> None:
    site.profile["sub"] = "248289761001"
    back = site.consent(await browser.leave("oidc"))
    site.claims |= claims
    assert refusal(await browser.come_back(back)) == "failed", what
    assert await browser.who() == "nobody"


@pytest.mark.parametrize("signed", ["another key", "none", "HS256", "nothing at all"])
async def test_an_id_token_the_provider_has_not_signed_opens_nothing(
    browser: Browser, site: ProviderServer, signed: str
) -> None:
    site.sign_with = signed
    assert refusal(await browser.come_back(site.consent(await browser.leave("oidc")))) == "failed"


async def test_what_is_told_must_be_about_whom_the_id_token_names(browser: Browser, site: ProviderServer) -> None:
    site.profile["sub"] = "somebody else"
    assert refusal(await browser.come_back(site.consent(await browser.leave("oidc")))) == "failed"


async def test_an_answer_that_names_another_issuer_opens_nothing(browser: Browser, site: ProviderServer) -> None:
    back = site.consent(await browser.leave("oidc"))
    assert refusal(await browser.come_back(f"{back}&iss=https%3A%2F%2Fevil.example")) == "failed"
    assert site.codes, "the code was sent to the wrong place"


async def test_a_provider_that_always_names_itself_must_do_so(browser: Browser, site: ProviderServer) -> None:
    site.metadata["authorization_response_iss_parameter_supported"] = True
    assert refusal(await browser.come_back(site.consent(await browser.leave("oidc")))) == "failed"
    back = site.consent(await browser.leave("oidc"))
    assert await browser.come_back(f"{back}&{urlencode({'iss': site.url})}") == WELCOME


async def test_a_provider_that_calls_itself_otherwise_is_not_trusted(browser: Browser, site: ProviderServer) -> None:
    site.metadata["issuer"] = "https://accounts.google.com"
    assert refusal(await browser.leave("oidc")) == "failed"


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["500", "html", "list", "empty"])
@pytest.mark.parametrize("provider", ["yandex", "oidc"])
async def test_a_broken_provider_is_said_plainly_and_the_log_has_the_cause_but_no_secrets(
    browser: Browser, site: ProviderServer, caplog: pytest.LogCaptureFixture, provider: str, fault: str
) -> None:
    caplog.set_level(logging.INFO)
    location = await browser.leave(provider, "/chat")
    back, site.fault = site.consent(location), fault
    said = await browser.come_back(back)
    assert refusal(said) == "failed"
    assert (query(said)["next"], query(said)["by"]) == ("/chat", provider)
    assert re.fullmatch(r"[0-9a-f]{8}", query(said)["reference"])
    logged = "\n".join(
        each.getMessage() for each in caplog.records if each.name.startswith(("ui", "domain", "authlib"))
    )
    assert f"Log-in with {provider} failed [{query(said)['reference']}]: " in logged
    for secret in (SECRET, query(back)["code"], query(back)["state"], *site.tokens):
        assert secret not in logged


async def test_a_dead_provider_is_said_plainly(browser: Browser, site: ProviderServer) -> None:
    back = site.consent(await browser.leave("yandex"))
    await site.stop()
    assert refusal(await browser.come_back(back)) == "failed"
    assert refusal(await browser.leave("oidc")) == "failed"  # whose addresses were never learnt
    site._socket.close()


async def test_saying_no_at_the_provider_is_no_failure(browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    state = query(await browser.leave("yandex", "/chat"))["state"]
    said = await browser.come_back(f"{DOORS}/yandex/back?{urlencode({'error': 'access_denied', 'state': state})}")
    assert (refusal(said), query(said)["next"], "reference" in query(said)) == ("cancelled", "/chat", False)
    assert refusal(await browser.come_back(f"{DOORS}/yandex/back?error=access_denied")) == "cancelled"
    assert "failed" not in caplog.text


async def test_foreign_words_do_not_get_into_the_log(browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    state = query(await browser.leave("yandex"))["state"]
    nasty = {"error": "x\nERROR root: hacked", "error_description": "hacked", "state": state}
    assert refusal(await browser.come_back(f"{DOORS}/yandex/back?{urlencode(nasty)}")) == "failed"
    assert "hacked" not in caplog.text


async def test_a_blocked_person_comes_in_and_is_refused_everything(
    browser: Browser, world: ProviderWorld, site: ProviderServer
) -> None:
    await browser.come_back(site.consent(await browser.leave("yandex")))
    async with world.app.database.write() as db:
        (await db.get_one(User, 1)).is_blocked = True
    await browser.come_back(site.consent(await browser.leave("yandex")))
    assert (await browser.http.get("/who")).json() == {"error": "Your account is blocked."}


async def test_an_address_of_somebody_here_is_no_way_in(
    browser: Browser, other_browser: Browser, site: ProviderServer
) -> None:
    site.profile["default_email"] = "ira@yandex.ru"
    await browser.come_back(site.consent(await browser.leave("yandex")))
    site.profile |= {"email": "ira@yandex.ru", "email_verified": True}
    assert refusal(await other_browser.come_back(site.consent(await other_browser.leave("oidc")))) == "address"
    assert await other_browser.who() == "nobody"


async def test_another_account_is_linked_by_whoever_is_logged_in(
    browser: Browser, other_browser: Browser, site: ProviderServer
) -> None:
    await browser.come_back(site.consent(await browser.leave("yandex")))
    location = (await browser.http.post(f"{DOORS}/oidc")).json()["address"]
    assert await browser.come_back(site.consent(location)) == "/profile"
    await other_browser.come_back(site.consent(await other_browser.leave("oidc")))
    assert await other_browser.who() == "Ира"


async def test_linking_that_was_begun_in_another_session_links_nothing(
    browser: Browser, other_browser: Browser, site: ProviderServer
) -> None:
    await browser.come_back(site.consent(await browser.leave("yandex")))
    begun = site.consent((await browser.http.post(f"{DOORS}/oidc")).json()["address"])
    site.profile = {"id": "2", "display_name": "Борис"}
    await browser.come_back(site.consent(await browser.leave("yandex")))  # somebody else logs in there meanwhile
    assert query(await browser.come_back(begun))["refused"] == "stale"
    assert await browser.who() == "Борис"
    site.profile = {"name": "Вера"}
    await other_browser.come_back(site.consent(await other_browser.leave("oidc")))
    assert await other_browser.who() == "Вера"  # a stranger still


async def test_a_stranger_links_nothing(browser: Browser) -> None:
    assert (await browser.http.post(f"{DOORS}/yandex")).status_code == 401


async def test_a_provider_nobody_switched_on_is_not_there(browser: Browser) -> None:
    for answer in (
        await browser.http.get(f"{DOORS}/google"),
        await browser.http.post(f"{DOORS}/google"),
        await browser.http.get(f"{DOORS}/google/back?state=x"),
    ):
        assert answer.status_code == 404


async def test_the_cookie_of_the_way_is_short_and_out_of_reach(browser: Browser, site: ProviderServer) -> None:
    answer = await browser.http.get(f"{DOORS}/yandex")
    [cookie] = answer.headers.get_list("set-cookie")
    assert re.match(r"beseda_way=[^;]+; path=/log-in/with; Max-Age=600; httponly; samesite=lax$", cookie)
    back = await browser.http.get(site.consent(answer.headers["location"]))
    assert any(cookie.startswith("beseda_way=null; ") for cookie in back.headers.get_list("set-cookie"))


async def test_under_https_no_neighbour_can_plant_that_cookie(
    database_url: str, tmp_path: Path, site: ProviderServer
) -> None:
    public = "https://beseda.example.org"
    async with (
        opened(database_url, tmp_path, at(site, YANDEX), public_url=public) as world,
        Browser(world).http as http,
    ):
        answer = await http.get(f"{DOORS}/yandex", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
        [cookie] = answer.headers.get_list("set-cookie")
        assert re.match(r"__Host-beseda_way=[^;]+; path=/; Max-Age=600; httponly; samesite=lax; secure$", cookie)
        asked = parse_qs(urlsplit(answer.headers["location"]).query)
        assert asked["redirect_uri"] == [f"{public}/log-in/with/yandex/back"]
