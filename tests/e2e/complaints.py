"""Browser errors: uncaught exceptions of the pages' scripts, unhandled rejections, errors in the console."""

from __future__ import annotations

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, WebError

A_BROKEN_LINE = r"^WebSocket connection to|net::ERR_| 400 .*/_nicegui_ws/.*transport=polling"
"""What a browser says that finds no network, no server, or one that has hung up meanwhile; no page can help it."""
A_REFUSED_LOOK = r"status of 40[13] .*/feed/"
"""What a browser says of a page that looked for something new in the moment before it was led away."""
OURS = "http://127.0.0.1:"


class Complaints:
    """Of every page of every context of the browser, those included that a test opens by itself."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._heard: list[str] = []
        browser.on("context", self._listen)

    def since_last_asked(self) -> list[str]:
        for context in self._browser.contexts:
            for page in context.pages:
                page.evaluate("0")  # what the page said before has arrived when this answer does
        heard, self._heard = self._heard, []
        return heard

    def _listen(self, context: BrowserContext) -> None:
        context.on("weberror", self._hear_of_script)
        context.on("console", self._hear_of_console)

    def _hear_of_script(self, fault: WebError) -> None:
        self._heard.append(f"{fault.error.name}: {fault.error.stack or fault.error.message}")

    def _hear_of_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "assert"} and not _is_of_another_site(message):
            self._heard.append(f"{message.text} ({message.location['url']})")


def _is_of_another_site(message: ConsoleMessage) -> bool:
    """The page of the OpenID provider asks for a sheet from elsewhere, which not every machine can reach. Pages of ours
    could not: their CSP would complain, at an address of ours.
    """
    return message.text.startswith("Failed to load resource") and not message.location["url"].startswith(OURS)
