"""Session cookie routes: logging in and out, the only places that set or drop the cookie. A websocket cannot."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from domain.accounts.sessions import SESSION_LIFE
from domain.language import LANGUAGES
from domain.model.user import TEXT_SIZES, THEMES
from ui.app import App
from ui.request.visitor import LANGUAGE_COOKIE, TEXT_SIZE_COOKIE, THEME_COOKIE, reader_even_blocked, session_cookie

YEAR = 365 * 24 * 3600


class Ticket(BaseModel):
    ticket: str = Field(max_length=100)


class Choice(BaseModel):
    language: str = Field("", max_length=20)
    theme: str = Field("", max_length=20)
    text_size: str = Field("", max_length=20)


def session_routes(app: App) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.post("/enter", status_code=204)
    async def enter(ticket: Ticket, request: Request, response: Response) -> None:
        """Exchange a one-time ticket for the session cookie."""
        await start_session(app, request, ticket.ticket, response)

    @router.post("/leave", status_code=204)
    async def leave(request: Request, response: Response) -> None:
        reader = (await reader_even_blocked(app, request)).on_trial()
        response.delete_cookie(
            session_cookie(app.settings), httponly=True, samesite="lax", secure=app.settings.is_secure
        )
        if reader.caller:
            await app.accounts.sessions.log_out(reader.caller)

    @router.post("/preferences", status_code=204)
    async def choose(choice: Choice, request: Request, response: Response) -> None:
        """Keep a choice: in a cookie, so that the first paint is right, and with the account if there is one."""
        _set_cookies(response, choice.language, choice.theme, choice.text_size)
        reader = await reader_even_blocked(app, request)
        if reader.caller:
            await app.accounts.accounts.choose_appearance(
                reader.caller, language=choice.language, theme=choice.theme, text_size=choice.text_size
            )

    return router


async def start_session(app: App, request: Request, ticket: str, response: Response) -> None:
    """The last step of every browser log-in: use up the ticket, set the session cookie, end an older session."""
    before = (await reader_even_blocked(app, request)).on_trial()
    token = await app.accounts.accounts.activate_session(ticket, before.caller)
    response.set_cookie(
        session_cookie(app.settings),
        token,
        max_age=int(SESSION_LIFE.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=app.settings.is_secure,
    )
    visitor = await app.accounts.sessions.authenticate(token)
    if visitor and not visitor.user.is_trial:
        _set_cookies(response, visitor.user.language, visitor.user.theme, visitor.user.text_size)
    if before.caller:
        await app.accounts.sessions.log_out(before.caller)


def _set_cookies(response: Response, language: str, theme: str, text_size: str) -> None:
    """Set the cookies of known values; the others stay as the browser has them."""
    for cookie, choice, known in (
        (LANGUAGE_COOKIE, language, LANGUAGES),
        (THEME_COOKIE, theme, THEMES),
        (TEXT_SIZE_COOKIE, text_size, TEXT_SIZES),
    ):
        if choice in known:
            response.set_cookie(cookie, choice, max_age=YEAR, samesite="lax")
