"""OAuth log-in under attack: answers that are forged, stolen or meant for somebody else open nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from domain.accounts.providers import YANDEX
from tests.provider_server import CLIENT, ProviderServer
from tests.ui.account.conftest import Browser, at, opened, query, refusal
from ui.account.sign_in.acquaintance import WELCOME
from ui.account.sign_in.provider_buttons import DOORS

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


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


async def test_foreign_words_do_not_get_into_the_log(browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    state = query(await browser.leave("yandex"))["state"]
    nasty = {"error": "x\nERROR root: hacked", "error_description": "hacked", "state": state}
    assert refusal(await browser.come_back(f"{DOORS}/yandex/back?{urlencode(nasty)}")) == "failed"
    assert "hacked" not in caplog.text


async def test_an_address_of_somebody_here_is_no_way_in(
    browser: Browser, other_browser: Browser, site: ProviderServer
) -> None:
    site.profile["default_email"] = "ira@yandex.ru"
    await browser.come_back(site.consent(await browser.leave("yandex")))
    site.profile |= {"email": "ira@yandex.ru", "email_verified": True}
    assert refusal(await other_browser.come_back(site.consent(await other_browser.leave("oidc")))) == "address"
    assert await other_browser.who() == "nobody"


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
