"""Code form: the six digits of a letter; the last of them sends it, so that nobody has to look for its button."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from domain.language import Texts

LENGTH = 6


class CodeForm(ui.element):
    """Its buttons are put into it. `send` returns whether the page is about to be left: nothing is sent a second time
    then.
    """

    def __init__(self, _: Texts, send: Callable[[], Awaitable[bool]]) -> None:
        super().__init__("form")
        self._send = send
        self._is_sent = False
        self.on("submit.prevent", self._submit).props("novalidate")
        with self:
            self.code = ui.input(_("Code from the email"), on_change=self._look).classes("code")
            self.code.props("outlined name=code inputmode=numeric autocomplete=one-time-code maxlength=6")

    @property
    def typed(self) -> str:
        return str(self.code.value or "").strip()

    async def _submit(self) -> None:
        if not self._is_sent:
            self._is_sent = True
            self._is_sent = await self._send()

    async def _look(self) -> None:
        if len(self.typed) == LENGTH and self.typed.isdecimal():
            await self._submit()
