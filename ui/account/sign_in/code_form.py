"""Code form: the six digits of a letter; the last one submits it, so that nobody has to look for its button."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from domain.language import Texts

LENGTH = 6


class CodeForm(ui.element):
    """Buttons are put into it by the caller. `send` returns whether the page is about to be left: then nothing is sent
    a second time.
    """

    def __init__(self, _: Texts, send: Callable[[], Awaitable[bool]]) -> None:
        super().__init__("form")
        is_sent = False

        # Not methods: `send` refers to this form, so the form must not refer to `send`, or a closed page would stay in
        # memory until the next garbage collection.
        async def submit() -> None:
            nonlocal is_sent
            if not is_sent:
                is_sent = True
                is_sent = await send()

        async def look() -> None:
            if len(self.typed) == LENGTH and self.typed.isdecimal():
                await submit()

        self.on("submit.prevent", submit).props("novalidate")
        with self:
            self.code = ui.input(_("Code from the email"), on_change=look).classes("code")
            self.code.props("outlined name=code inputmode=numeric autocomplete=one-time-code maxlength=6")

    @property
    def typed(self) -> str:
        return str(self.code.value or "").strip()
