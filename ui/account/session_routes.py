"""Session cookie routes: logging in and out, the only places that set or drop the cookie. A websocket cannot."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from domain.accounts.sessions import SESSION_LIFE
from domain.language import LANGUAGES
from domain.model.user import THEMES
from ui.app import App
from ui.request.visitor import LANGUAGE_COOKIE, THEME_COOKIE, reader_even_blocked, session_cookie

YEAR = 365 * 24 * 3600


class Ticket(BaseModel):
    ticket: str = Field(max_length=100)


class Choice(BaseModel):
    language: str = Field("", max_length=20)
    theme: str = Field("", max_length=20)


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
        """Keep the language or the theme: in a cookie, so that the first paint is right, logged in or not."""
        if choice.language in LANGUAGES:
            response.set_cookie(LANGUAGE_COOKIE, choice.language, max_age=YEAR, samesite="lax")
            reader = await reader_even_blocked(app, request)
            if reader.caller:
                await app.accounts.accounts.choose_language(reader.caller, choice.language)
        if choice.theme in THEMES:
            response.set_cookie(THEME_COOKIE, choice.theme, max_age=YEAR, samesite="lax")

    return router


async def start_session(app: App, request: Request, ticket: str, response: Response) -> None:
    """The last step of every browser log-in: use up the ticket, set the session cookie, end an older session."""
    before = (await reader_even_blocked(app, request)).on_trial()
    response.set_cookie(
        session_cookie(app.settings),
        await app.accounts.accounts.activate_session(ticket, before.caller),
        max_age=int(SESSION_LIFE.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=app.settings.is_secure,
    )
    if before.caller:
        await app.accounts.sessions.log_out(before.caller)
