"""Drain (graceful shutdown): the steps between the stop signal and the closing of the server, which goes on serving
everything else meanwhile.

No new replies begin; proxies get a moment to notice; pages reload, which leads them to another instance; running
replies end.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

from nicegui import Client

from domain.chat.replies.reply_writer import ReplyWriter
from domain.checks.readiness import Readiness
from ui.chat.chat_page import dialog_of

SPREAD = 8  # seconds over which the pages leave: the other instance has to build each of them
LOOKS_AGAIN = 0.5  # seconds before a page that stays is asked again
ANSWERS_WITHIN = 3  # seconds: a tab that sleeps in the background never answers
MOVE_ON = "return window.moveOn()"
"""JavaScript that returns whether the page stays for now, since somebody is writing (ui/shell/reload_guard.py)."""


class Drain:
    """`lead` is how long proxies get to send people elsewhere, 0 where there is no other instance; `grace` how long
    running replies get to end.
    """

    def __init__(self, readiness: Readiness, reply_writer: ReplyWriter, *, lead: float, grace: float) -> None:
        self._readiness = readiness
        self._reply_writer = reply_writer
        self._lead = lead
        self._grace = grace

    async def run(self, *, is_urgent: bool) -> None:
        """Takes `lead` and `grace` at most. If it is urgent, somebody waits for it (Ctrl+C): pages are not moved."""
        self._readiness.is_draining = True
        self._reply_writer.refuse_new()
        moves = self._lead > 0 and not is_urgent
        try:
            if moves:
                await asyncio.sleep(self._lead)
            await asyncio.gather(self._reply_writer.close(self._grace), *((self._move_pages(),) if moves else ()))
        finally:
            await self._reply_writer.close()  # if the drain is cancelled, it waits for no reply

    async def _move_pages(self) -> None:
        pages = [page for page in Client.instances.values() if page.has_socket_connection]
        spread = min(SPREAD, self._grace)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._grace):
                await asyncio.gather(*(self._move(page, after=random.uniform(0, spread)) for page in pages))  # noqa: S311 - no secret

    async def _move(self, page: Client, after: float) -> None:
        stays, pause = True, after
        while stays:
            await asyncio.sleep(pause)
            stays, pause = page.has_socket_connection and await self._stays(page), LOOKS_AGAIN

    async def _stays(self, page: Client) -> bool:
        dialog_id = dialog_of(page)
        if dialog_id is not None and self._reply_writer.is_writing_in(dialog_id):
            return True
        try:
            return bool(await page.run_javascript(MOVE_ON, timeout=ANSWERS_WITHIN))
        except TimeoutError:
            return False
