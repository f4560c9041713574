"""The examples for several instances: a browser stays where its page was built, and goes elsewhere when that stops."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.many.several import Site
from tests.e2e.people import wait_for_line
from tests.e2e.product import ROOT
from tests.e2e.proxies import HAPROXY, NGINX, TRAEFIK, haproxy, nginx, traefik
from tests.e2e.test_proxies import filled_in, is_whole_through
from tests.llm_server import LlmServer
from tests.mail_server import self_made_certificate
from tests.ports import free_port
from tests.postgres import Server

pytestmark = [pytest.mark.slow, pytest.mark.breaks_the_line]


@pytest.fixture
def page(browser: Browser) -> Generator[Page]:
    context = browser.new_context(locale="ru-RU", ignore_https_errors=True)
    yield context.new_page()
    context.close()


def example(name: str, values: dict[str, str]) -> str:
    return filled_in((ROOT / "deploy" / name).read_text("utf-8"), values)


def of_nginx(folder: Path, site: Site, port: int) -> AbstractContextManager[None]:
    values = {
        "listen [::]:80;": "",
        "listen [::]:443 ssl;": "",
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "127.0.0.1:8000": f"127.0.0.1:{site.a.port}",
        "127.0.0.1:8001": f"127.0.0.1:{site.b.port}",
        "beseda.example.org;": "beseda.localhost;",
        "/etc/letsencrypt/live/beseda.example.org/fullchain.pem": f"{folder}/certificate.pem",
        "/etc/letsencrypt/live/beseda.example.org/privkey.pem": f"{folder}/key.pem",
    }
    return nginx(folder, example("nginx.many.conf", values), port)


def of_haproxy(folder: Path, site: Site, port: int) -> AbstractContextManager[None]:
    pem = folder / "beseda.pem"
    pem.write_text((folder / "certificate.pem").read_text() + (folder / "key.pem").read_text())
    values = {
        "bind :80\n": f"bind 127.0.0.1:{free_port()}\n",
        "bind :443 ssl crt /etc/haproxy/beseda.pem": f"bind 127.0.0.1:{port} ssl crt {pem}",
        "127.0.0.1:8000": f"127.0.0.1:{site.a.port}",
        "127.0.0.1:8001": f"127.0.0.1:{site.b.port}",
    }
    return haproxy(folder, example("haproxy.many.cfg", values), port)


def of_traefik(folder: Path, site: Site, port: int) -> AbstractContextManager[None]:
    certificates = (
        f"\ntls:\n  certificates:\n    - certFile: {folder}/certificate.pem\n      keyFile: {folder}/key.pem\n"
    )
    values = {
        "Host(`beseda.example.org`)": "Host(`beseda.localhost`)",
        "      tls:\n        certResolver: letsencrypt\n": "      tls: {}\n",
        "127.0.0.1:8000": f"127.0.0.1:{site.a.port}",
        "127.0.0.1:8001": f"127.0.0.1:{site.b.port}",
    }
    return traefik(folder, example("traefik.many.yaml", values) + certificates, port)


@pytest.mark.parametrize(
    "behind",
    [
        pytest.param(of_nginx, marks=pytest.mark.skipif(not NGINX, reason="there is no nginx on this machine")),
        pytest.param(of_haproxy, marks=pytest.mark.skipif(not HAPROXY, reason="there is no HAProxy on this machine")),
        pytest.param(of_traefik, marks=pytest.mark.skipif(not TRAEFIK, reason="there is no Traefik on this machine")),
    ],
)
def test_a_browser_stays_at_its_instance_and_goes_to_the_other_when_that_stops(
    behind: Callable[[Path, Site, int], AbstractContextManager[None]],
    llm: LlmServer,
    postgres: Server,
    tmp_path: Path,
    page: Page,
) -> None:
    port = free_port()
    url = f"https://beseda.localhost:{port}"
    site = Site(tmp_path, llm, postgres.create(f"site_{port}"), public_url=url)
    self_made_certificate(tmp_path)
    with site.running(), behind(tmp_path, site, port):
        is_whole_through(page, url)
        for _time in range(5):
            page.goto(url)
            wait_for_line(page)
        for each in (site.a, site.b):
            each.begin_to_stop()
            assert each.ended() == 0
            wait_for_line(page)
            each.start()
        page.goto(url)
        wait_for_line(page)
    assert "Error" not in site.log
