"""Authentication API: signing up, logging in and out, refreshing tokens, and who I am."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from domain.accounts.sessions import Caller
from domain.accounts.sessions_list import Visitor
from domain.accounts.tokens import Pair
from domain.errors import Blocked, Invalid, NotFound
from domain.language import N_, Texts
from ui.api.bearer import BearerAuth
from ui.api.errors import documented, seed_errors
from ui.api.schemas import (
    CompleteSignup,
    Detail,
    LoginRequest,
    RefreshRequest,
    RequestSignup,
    TokenResponse,
    UserPublic,
)
from ui.api.serializers import user_shown
from ui.app import App
from ui.request.visitor import client_ip, device_of, read_preferences

NAMELESS = N_("Guest")
"""Display name of people who give neither a name nor a username; it can be changed in the profile."""


def auth(app: App) -> APIRouter:
    router = APIRouter(prefix="/auth", tags=["auth"])
    auth = BearerAuth(app)

    @router.post("/request-signup", responses=documented())
    async def request_signup(body: RequestSignup, request: Request) -> Detail:
        """Send a letter with a link and a code. The answer is the same whether or not the address has an account."""
        await app.accounts.sign_up.request(body.email, read_preferences(request.headers).language, client_ip(request))
        return Detail(detail="If email exists, a link has been sent.")

    @router.post("/complete-signup", responses=documented())
    async def complete_signup(body: CompleteSignup, request: Request) -> Detail:
        """Create the account. `token` is the last part of the letter's link. Passwords have at least 8 characters."""
        name = body.display_name or body.username or Texts(read_preferences(request.headers).language)(NAMELESS)
        with seed_errors({NotFound: (400, "Invalid token")}):
            await app.accounts.sign_up.complete(body.token, body.password, body.username or "", name)
        return Detail(detail="Signup completed")

    @router.post("/login", responses=documented(401, 403))
    async def login(body: LoginRequest, request: Request) -> TokenResponse:
        """Tokens for an e-mail address or a username, and the password."""
        with seed_errors({Invalid: (401, "Invalid credentials"), Blocked: (403, "User inactive or blocked")}):
            device = device_of(request)
            ticket = await app.accounts.log_in.by_password(body.login, body.password, device, client_ip(request))
            return _told(await app.accounts.tokens.issue(ticket, device))

    @router.post("/refresh", responses=documented(401, 403))
    async def refresh(body: RefreshRequest) -> TokenResponse:
        """New tokens for a refresh token, which is valid once. Using it again ends the whole session."""
        return _told(await app.accounts.tokens.refresh(body.refresh_token))

    @router.post("/log-out", status_code=204, responses=documented(401, 403))
    async def log_out(caller: Annotated[Caller, Depends(auth.caller)]) -> None:
        """End the session of this token: it and its refresh token are no longer valid."""
        await app.accounts.sessions.log_out(caller)

    @router.get("/me", responses=documented(401, 403))
    async def me(visitor: Annotated[Visitor, Depends(auth.visitor)]) -> UserPublic:
        return user_shown(visitor.user)

    return router


def _told(pair: Pair) -> TokenResponse:
    return TokenResponse(access_token=pair.access_token, refresh_token=pair.refresh_token, expires_in=pair.expires_in)
