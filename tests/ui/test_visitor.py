from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from domain.language import LANGUAGES
from ui.visitor import Preferences, local_address, read_preferences


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
    assert local_address(address) == "/"


def test_our_own_addresses_are_followed() -> None:
    assert local_address("/chat/7?x=1#m3") == "/chat/7?x=1#m3"


@pytest.mark.parametrize(
    ("cookie", "accept", "expected"),
    [
        ("", "", Preferences("ru", "auto", "Europe/Moscow")),
        ("", "en-GB,en;q=0.9", Preferences("en", "auto", "Europe/Moscow")),
        ("", "de,fr;q=0.5", Preferences("ru", "auto", "Europe/Moscow")),
        ("beseda_language=en; beseda_theme=dark", "ru", Preferences("en", "dark", "Europe/Moscow")),
        ("beseda_zone=Asia%2FVladivostok", "", Preferences("ru", "auto", "Asia/Vladivostok")),
        ("beseda_language=xx; beseda_theme=<x>; beseda_zone=../../etc", "", Preferences("ru", "auto", "Europe/Moscow")),
    ],
)
def test_preferences_come_from_cookies_and_nonsense_changes_nothing(
    cookie: str, accept: str, expected: Preferences
) -> None:
    assert read_preferences(Headers({"cookie": cookie, "accept-language": accept})) == expected
    assert expected.language in LANGUAGES
