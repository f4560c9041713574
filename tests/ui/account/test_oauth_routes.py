"""OAuth log-in over real HTTP: our routes on one port, the other site on another, a browser between them."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from oidc_provider_mock import User as Somebody
from oidc_provider_mock import run_server_in_thread

from domain.accounts.providers import OPENID, YANDEX
from domain.model.user import User
from tests.provider_server import CLIENT, DEVICE, SECRET, ProviderServer
from tests.ui.account.conftest import Browser, ProviderWorld, opened, query, refusal
from ui.account.sign_in.acquaintance import WELCOME
from ui.account.sign_in.provider_buttons import DOORS

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


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


async def test_going_back_in_the_browser_after_a_log_in_uses_nothing_twice(
    browser: Browser, site: ProviderServer
) -> None:
    back = site.consent(await browser.leave("yandex"))
    assert await browser.come_back(back) == WELCOME
    asked = len(site.asked)
    assert urlsplit(await browser.come_back(back)).path == "/profile"
    assert len(site.asked) == asked
    assert await browser.who() == "Ира"


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


async def test_a_blocked_person_comes_in_and_is_refused_everything(
    browser: Browser, world: ProviderWorld, site: ProviderServer
) -> None:
    await browser.come_back(site.consent(await browser.leave("yandex")))
    async with world.app.database.write() as db:
        (await db.get_one(User, 1)).is_blocked = True
    await browser.come_back(site.consent(await browser.leave("yandex")))
    assert (await browser.http.get("/who")).json() == {"error": "Your account is blocked."}


async def test_another_account_is_linked_by_whoever_is_logged_in(
    browser: Browser, other_browser: Browser, site: ProviderServer
) -> None:
    await browser.come_back(site.consent(await browser.leave("yandex")))
    location = (await browser.http.post(f"{DOORS}/oidc")).json()["address"]
    assert await browser.come_back(site.consent(location)) == "/profile"
    await other_browser.come_back(site.consent(await other_browser.leave("oidc")))
    assert await other_browser.who() == "Ира"


async def test_a_provider_nobody_switched_on_is_not_there(browser: Browser) -> None:
    for answer in (
        await browser.http.get(f"{DOORS}/google"),
        await browser.http.post(f"{DOORS}/google"),
        await browser.http.get(f"{DOORS}/google/back?state=x"),
    ):
        assert answer.status_code == 404
