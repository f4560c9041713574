"""Outbound connections: a proxy or a certificate that cannot be used is named at the start, or is not needed."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Generator
from pathlib import Path
from unittest.mock import patch

import httpx2
import pytest

from domain.environment.load_settings import InvalidSetting, load_settings
from domain.environment.outbound import prepare_outbound

HERE, THERE = "http://127.0.0.1:11434/v1", "https://llm.example.org/v1"
SOCKS = "socks://127.0.0.1:7891/"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Generator[None]:
    monkeypatch.chdir(tmp_path)
    with patch.dict(os.environ, clear=True):
        yield


def start(**variables: str) -> None:
    os.environ.update({"LLM_MODEL": "m", **variables})
    prepare_outbound(load_settings())


def proxy_for(address: str) -> bool:
    """Whether a client built now connects to `address` through a proxy."""
    client = httpx2.Client()
    return client._transport_for_url(httpx2.URL(address)) is not client._transport


@pytest.mark.parametrize("base_url", [HERE, "http://ollama:11434/v1", "http://192.168.1.5/v1", "http://[::1]:11434/v1"])
@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", SOCKS, "socks5://127.0.0.1:1080", "nonsense://"])
def test_a_model_on_this_network_is_asked_without_a_proxy(base_url: str, proxy: str) -> None:
    start(BASE_URL=base_url, ALL_PROXY=proxy, http_proxy=proxy)
    assert not proxy_for(base_url)


def test_a_model_elsewhere_is_asked_through_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    start(BASE_URL=THERE, HTTPS_PROXY="http://somebody:a-secret@127.0.0.1:9", NO_PROXY="intra.example.org")
    assert proxy_for(THERE)
    assert not proxy_for("https://intra.example.org")
    assert caplog.messages == ["Asked through the proxy of HTTPS_PROXY: llm.example.org"]


@pytest.mark.parametrize("name", ["ALL_PROXY", "all_proxy", "HTTPS_PROXY"])
@pytest.mark.parametrize("proxy", [SOCKS, "socks5://somebody:a-secret@127.0.0.1:1080", "http://127.0.0.1:port"])
def test_a_proxy_that_is_needed_and_cannot_be_used_stops_the_start(name: str, proxy: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        start(BASE_URL=THERE, **{name: proxy})
    line = str(refused.value)
    assert line.startswith(f"{name}: ")
    assert "\n" not in line
    assert "a-secret" not in line


def test_one_that_nobody_needs_does_not_keep_the_client_from_being_built() -> None:
    start(BASE_URL=THERE, HTTPS_PROXY="http://127.0.0.1:9", ALL_PROXY=SOCKS)  # as desktops set them
    assert proxy_for(THERE)


def test_log_in_with_other_sites_needs_it_too() -> None:
    with pytest.raises(InvalidSetting, match=r"^ALL_PROXY: "):
        start(BASE_URL=HERE, ALL_PROXY=SOCKS, GITHUB_CLIENT_ID="id", GITHUB_CLIENT_SECRET="secret")


def test_whoever_asks_nobody_is_not_asked_for_a_proxy() -> None:
    os.environ |= {"ALL_PROXY": SOCKS, "SSL_CERT_FILE": "/no/such/file.pem"}
    prepare_outbound(load_settings())


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"])
def test_certificates_that_are_not_there_are_named(name: str) -> None:
    with pytest.raises(InvalidSetting, match=f"^{name}: /no/such/thing "):
        start(BASE_URL=HERE, **{name: "/no/such/thing"})


def test_a_file_that_holds_no_certificates_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("no certificate\n")
    with pytest.raises(InvalidSetting, match=r"^SSL_CERT_FILE: ") as refused:
        start(BASE_URL=HERE, SSL_CERT_FILE=str(tmp_path / "empty.pem"))
    assert "\n" not in str(refused.value)


def test_urllib_goes_by_the_same_rule() -> None:
    start(BASE_URL="http://192.168.1.5/v1", HTTP_PROXY="http://127.0.0.1:9")
    assert urllib.request.proxy_bypass("192.168.1.5")
    assert not urllib.request.proxy_bypass("llm.example.org")
