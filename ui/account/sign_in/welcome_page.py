"""Welcome page: right after a sign-up, one short sheet to get acquainted, which one click or Esc skips."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse

from ui.account.sign_in.acquaintance import WELCOME, Acquaintance
from ui.app import App
from ui.request.visitor import log_in_address, reader_of, safe_redirect
from ui.shell.frame import page, sheet


def register(app: App) -> None:
    @page(WELCOME)
    async def welcome(request: Request, next: str = "/") -> RedirectResponse | None:  # noqa: A002 - the address people see
        reader, then = await reader_of(app, request), safe_redirect(next)
        if reader.caller is None:
            return RedirectResponse(log_in_address(then), 303)
        offered = await app.characters.interests.offered(reader._.language)
        with sheet(app, reader, reader._("Let's get acquainted")):
            Acquaintance(app, reader, offered, then)
        return None
