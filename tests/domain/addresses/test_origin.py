"""Origins: however an address is written, it is compared as browsers write it."""

from __future__ import annotations

import pytest

from domain.addresses.origin import origin_of


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://beseda.example.org", "https://beseda.example.org"),
        ("https://Beseda.Example.ORG/chat?x=1#y", "https://beseda.example.org"),
        ("HTTPS://beseda.example.org:443", "https://beseda.example.org"),
        ("http://beseda.example.org:80/", "http://beseda.example.org"),
        ("http://beseda.example.org:443", "http://beseda.example.org:443"),
        ("https://beseda.example.org:8443", "https://beseda.example.org:8443"),
        ("https://беседа.рф", "https://xn--80abjda5e.xn--p1ai"),
        ("https://Беседа.РФ:443/", "https://xn--80abjda5e.xn--p1ai"),
        ("http://беседа.localhost:8000", "http://xn--80abjda5e.localhost:8000"),
        ("http://беседа", "http://xn--80abjda5e"),
        ("https://xn--80abjda5e.xn--p1ai", "https://xn--80abjda5e.xn--p1ai"),
        ("https://straße.de", "https://xn--strae-oqa.de"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://[2001:DB8:0:0::1]", "http://[2001:db8::1]"),
        ("http://192.168.1.5:8000", "http://192.168.1.5:8000"),
    ],
)
def test_an_origin_is_written_as_browsers_do(address: str, origin: str) -> None:
    assert origin_of(address) == origin


@pytest.mark.parametrize(
    "address",
    [
        *("", "null", "beseda.example.org", "https://", "https://[::1", "https://x:port", "ftp://x", "https://[x]"),
        "https://бе седа.рф",
    ],
)
def test_what_is_no_web_address_has_none(address: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        origin_of(address)
