"""Proxy examples: they agree with the limits in the code; tests/e2e/test_proxies.py tries them where it can."""

from __future__ import annotations

import re

import pytest

from domain.chat.replies.reply_writer import QUEUE_RESERVE
from domain.llm.deadlines import timeouts_for
from domain.settings.settings import Settings
from tests.test_architecture import ROOT
from ui.request.size_limit import DRAINED, LARGER, LONGEST_ADDRESS, MEGABYTE

NGINX = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
CADDY = (ROOT / "deploy" / "Caddyfile").read_text("utf-8")
FOR_MANY = ("Caddyfile.many", "nginx.many.conf", "haproxy.many.cfg", "traefik.many.yaml")
OF_MANY = [(ROOT / "deploy" / name).read_text("utf-8") for name in FOR_MANY]


def test_what_is_too_large_is_refused_by_beseda_in_its_own_words() -> None:
    everything = "\n".join([NGINX, CADDY, *OF_MANY])
    in_megabytes = re.findall(r"(?:client_max_body_size|max_size) (\d+)m", everything, re.IGNORECASE)
    megabytes = [int(each) * MEGABYTE for each in in_megabytes]
    passed = [*megabytes, *(int(each) for each in re.findall(r"content-length\) gt (\d+)", everything))]
    assert len(passed) == 5
    assert all(max(LARGER.values()) < each <= DRAINED for each in passed)


def test_each_waits_as_long_as_a_reply_of_a_slow_model_of_ones_own_may_take() -> None:
    everything = "\n".join([NGINX, *OF_MANY])
    minutes = [
        int(each) for each in re.findall(r"(?:proxy_read_timeout|timeout client|timeout server) (\d+)m", everything)
    ]
    slow = timeouts_for("http://127.0.0.1:11434/v1", Settings.model_fields["llm_max_reply_tokens"].default)
    assert len(minutes) == 4
    assert min(minutes) * 60 > slow.first + slow.whole + QUEUE_RESERVE


@pytest.mark.parametrize("paper", ["README.md", "README.ru.md", "OPERATIONS.md"])
def test_the_papers_tell_other_proxies_the_same(paper: str) -> None:
    told = re.findall(r"(?:let bodies of|пропускать тела до)\s(\d+) (?:MB|МБ)", (ROOT / paper).read_text("utf-8"))
    assert told == re.findall(r"client_max_body_size (\d+)m;", NGINX)


def test_nginx_takes_the_longest_address() -> None:
    [kilobytes] = re.findall(r"large_client_header_buffers \d+ (\d+)k;", NGINX)
    assert int(kilobytes) * 1024 > LONGEST_ADDRESS + len("GET  HTTP/1.1\r\n")


@pytest.mark.parametrize("header", ["Host $http_host", "Upgrade $http_upgrade", "Connection $connection_upgrade"])
def test_nginx_passes_on_what_pages_need(header: str) -> None:
    assert f"proxy_set_header {header};" in NGINX


@pytest.mark.parametrize("example", OF_MANY, ids=FOR_MANY)
def test_each_for_several_instances_keeps_a_browser_at_one_by_a_cookie(example: str) -> None:
    assert "beseda_instance" in example
    assert "/readyz" in example


@pytest.mark.parametrize("example", [NGINX, CADDY, *OF_MANY], ids=["nginx", "Caddy", *FOR_MANY])
@pytest.mark.parametrize("setting", ["PUBLIC_URL=https://beseda.example.org", "TRUSTED_PROXIES=127.0.0.1"])
def test_each_says_what_beseda_is_to_be_told(example: str, setting: str) -> None:
    assert f"#   {setting}" in example
