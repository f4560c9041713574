"""Several instances: two of the product over one PostgreSQL behind a real Caddy, and visitors who load pages."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
from playwright.sync_api import BrowserContext, Page

from tests.e2e.product import ROOT, Product
from tests.e2e.proxies import caddy
from tests.llm_server import LlmServer
from tests.ports import free_port

STICKY = (ROOT / "deploy" / "Caddyfile.many").read_text("utf-8")
AGAIN_AFTER = 0.1  # seconds between two actions of one visitor
COOKIE_SECRET = "of-the-tests"
SECRET = "the same for both instances: tokens of one are good at the other"


class Site:
    """Two instances, `a` and `b`, at the proxy's address."""

    def __init__(self, folder: Path, llm: LlmServer, database_url: str, public_url: str = "") -> None:
        self._folder = folder
        self._port = free_port()
        self.url = public_url or f"http://127.0.0.1:{self._port}"
        self.a = Product(
            folder,
            BASE_URL=llm.url,
            LLM_MODEL="m",
            DATABASE_URL=database_url,
            JWT_SECRET=SECRET,
            PUBLIC_URL=self.url,
            TRUSTED_PROXIES="127.0.0.1",
        )
        self.b = self.a.another("b")
        self.a.url = self.b.url = self.url

    @contextmanager
    def opened(self, proxy: str = STICKY) -> Generator[None]:
        """Run both, behind a Caddy with this configuration."""
        named = {"SITE": self.url, "INSTANCES": f"127.0.0.1:{self.a.port} 127.0.0.1:{self.b.port}"}
        with self.running(), caddy(self._folder, proxy, self._port, **named, COOKIE_SECRET=COOKIE_SECRET):
            yield

    @contextmanager
    def running(self) -> Generator[None]:
        try:
            self.a.start()
            self.b.start()
            yield
        finally:
            for each in (self.a, self.b):
                with suppress(AssertionError):  # it does not run
                    each.kill()

    def home_of(self, visitor: BrowserContext) -> Product:
        """The instance that the proxy's cookie leads to."""
        [cookie] = [each["value"] for each in visitor.cookies() if each["name"] == "beseda_instance"]
        homes = {_signed(f"127.0.0.1:{each.port}"): each for each in (self.a, self.b)}
        return homes[cookie]

    @property
    def apart(self) -> str:
        """The configuration of a proxy that sends each page to one instance and its socket to the other."""
        return f"""{self.url} {{
            reverse_proxy /_nicegui_ws/* 127.0.0.1:{self.b.port}
            reverse_proxy 127.0.0.1:{self.a.port}
        }}"""

    @property
    def log(self) -> str:
        return self.a.log.read_text("utf-8") + self.b.log.read_text("utf-8")


def _signed(address: str) -> str:
    """The value of Caddy's cookie for an instance."""
    return hmac.digest(COOKIE_SECRET.encode(), address.encode(), "sha256").hex()


@contextmanager
def meanwhile(*actions: Callable[[], None]) -> Generator[None]:
    """Repeat each action in a thread of its own until the block ends."""
    over = threading.Event()

    def go_on(action: Callable[[], None]) -> None:
        while not over.wait(AGAIN_AFTER):
            action()

    threads = [threading.Thread(target=go_on, args=[action]) for action in actions]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


class Visitor:
    """Somebody who loads page after page, in a browser that keeps cookies."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=30)
        self.loaded = 0
        self.failures: list[str] = []

    def load(self) -> None:
        path = ("/", "/characters/1", "/rules")[self.loaded % 3]
        try:
            answer = self._http.get(path)
        except httpx.HTTPError as error:
            self.failures.append(f"{path}: {error!r}")
            return
        self.loaded += 1
        if answer.status_code != 200:
            self.failures.append(f"{path}: {answer.status_code}")


NOTES_LOADS = """if (window === top && location.origin !== "null") {
  sessionStorage.loads = `${sessionStorage.loads ?? ""} ${Date.now()}`;
}"""


def note_loads(tab: Page) -> None:
    """Record the tab's page loads from now on."""
    tab.add_init_script(NOTES_LOADS)


def loads(tab: Page) -> list[float]:
    """Times at which the tab loaded a page, in seconds by the browser's clock."""
    return [int(moment) / 1000 for moment in tab.evaluate("sessionStorage.loads ?? ''").split()]
