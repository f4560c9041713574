"""Request context: preferences, local redirects and IP addresses."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from domain.language import LANGUAGES
from ui.request.visitor import Preferences, client_ip, read_preferences, safe_redirect


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\nx",
        "/\t/evil.example",
        "",
        "evil.example",
        "///evil.example",
        "//evil.example/%2f..",
        "/\\/evil.example",
        "/\r\nLocation: https://evil.example",
        "/\u2028//evil.example",
        "/\x00",
        "https:evil.example",
        " //evil.example",
        "data:text/html,x",
        "?next=//evil.example",
    ],
)
def test_no_address_of_somebody_else_is_followed(address: str) -> None:
    assert safe_redirect(address) == "/"


def test_our_own_addresses_are_followed() -> None:
    assert safe_redirect("/chat/7?x=1#m3") == "/chat/7?x=1#m3"


@pytest.mark.parametrize(
    ("cookie", "accept", "expected"),
    [
        ("", "", Preferences("ru", "auto", "Europe/Moscow")),
        ("", "en-GB,en;q=0.9", Preferences("en", "auto", "Europe/Moscow")),
        ("", "de,fr;q=0.5", Preferences("ru", "auto", "Europe/Moscow")),
        ("beseda_language=en; beseda_theme=dark", "ru", Preferences("en", "dark", "Europe/Moscow")),
        ("beseda_zone=Asia%2FVladivostok", "", Preferences("ru", "auto", "Asia/Vladivostok")),
        ("beseda_language=xx; beseda_theme=<x>; beseda_zone=../../etc", "", Preferences("ru", "auto", "Europe/Moscow")),
        ("beseda_zone=Europe", "", Preferences("ru", "auto", "Europe/Moscow")),
        (f"beseda_zone={'x' * 300}", "", Preferences("ru", "auto", "Europe/Moscow")),
    ],
)
def test_preferences_come_from_cookies_and_nonsense_changes_nothing(
    cookie: str, accept: str, expected: Preferences
) -> None:
    assert read_preferences(Headers({"cookie": cookie, "accept-language": accept})) == expected
    assert expected.language in LANGUAGES


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::ffff:c000:207", "192.0.2.7"),
        ("64:ff9b::192.0.2.7", "192.0.2.7"),
        ("2002:c000:207::1", "192.0.2.7"),
        ("2002:c000:207:ffff::2", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_an_address_on_the_net_is_counted_by_who_holds_it(host: str, counted: str) -> None:
    assert client_ip(HTTPConnection({"type": "http", "client": (host, 1)})) == counted


def test_two_addresses_of_ipv4_are_never_counted_as_one() -> None:
    forms = ["{}", "::ffff:{}", "64:ff9b::{}"]
    for form in forms:
        one, another = [
            client_ip(HTTPConnection({"type": "http", "client": (form.format(host), 1)}))
            for host in ("192.0.2.7", "198.51.100.7")
        ]
        assert one != another
