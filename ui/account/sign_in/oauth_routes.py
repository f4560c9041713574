"""OAuth routes: log-in through another site: the redirect to it, and the return with the person's profile there.

What must be known on the return (state, PKCE verifier, nonce, where to go) is kept in a cookie of its own: signed,
HttpOnly, SameSite=Lax, valid for ten minutes, set only here. It needs no table, no clean-up and no server-side memory
that several instances would have to share; the browser's owner can read the verifier in it, but whoever has the
browser has the code too.
"""

from __future__ import annotations

import hmac
import logging
import secrets
from urllib.parse import urlencode

from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route, Router

from domain.accounts.providers import Provider
from domain.accounts.sessions import Caller
from domain.errors import AppError
from domain.secret import signing_secret
from ui.account.sign_in.acquaintance import welcome_first
from ui.account.sign_in.oauth_client import OAuthClient, OAuthDenied, OAuthFailed, OAuthStateExpired
from ui.account.sign_in.provider_buttons import DOORS, Refusal, refusal_of
from ui.account.sign_in.session_routes import start_session
from ui.app import App
from ui.request.http import NOT_KEPT
from ui.request.visitor import (
    browser_of,
    device_of,
    door,
    read_preferences,
    reader_even_blocked,
    reader_of,
    safe_redirect,
)
from ui.shell.not_found import not_found_page

log = logging.getLogger(__name__)

WAY_LIFE = 600  # seconds between leaving for a provider and coming back
LONGEST_WAY_ON = 500  # characters, since a browser drops a cookie over 4096
PROFILE = "/profile"
"""Page where accounts are linked."""


def oauth_routes(app: App) -> SessionMiddleware:
    """The routes below `DOORS`."""
    clients = {
        provider.key: OAuthClient(provider, f"{app.settings.address}{DOORS}/{provider.key}/back")
        for provider in app.accounts.identities.providers
    }

    async def leave(request: Request) -> Response:
        """Redirect to the provider."""
        client = clients.get(request.path_params["provider"])
        if client is None:
            return _lost(request)
        way_on = safe_redirect(request.query_params.get("next", "/")[:LONGEST_WAY_ON])
        try:
            return _to(await client.begin(request, next=way_on))
        except OAuthFailed as error:
            return _to(_refusal(client.provider, error, way_on))

    async def leave_to_link(request: Request) -> Response:
        """`leave` for somebody logged in, to link their account there. A POST, so no other site can start it."""
        client = clients.get(request.path_params["provider"])
        if client is None:
            return _lost(request)
        caller = (await reader_of(app, request)).must_be_logged_in()
        try:
            address = await client.begin(request, next=PROFILE, session=caller.session_id)
        except OAuthFailed as error:
            address = _refusal(client.provider, error, PROFILE)
        return JSONResponse({"address": address}, headers=NOT_KEPT)

    async def come_back(request: Request) -> Response:
        client = clients.get(request.path_params["provider"])
        if client is None:
            return _lost(request)
        return await _arrived(app, client, request)

    routes = Router(
        [
            Route("/{provider}", leave, methods=["GET"]),
            Route("/{provider}", leave_to_link, methods=["POST"]),
            Route("/{provider}/back", come_back, methods=["GET"]),
        ]
    )
    return _remembering(routes, app)


def _remembering(routes: Router, app: App) -> SessionMiddleware:
    """The routes, with the cookie that keeps the state of a log-in under way."""
    is_secure = app.settings.is_secure
    return SessionMiddleware(
        routes,
        secret_key=hmac.new(signing_secret(app.settings).encode(), b"the way by a provider", "sha256").hexdigest(),
        # The prefix __Host- keeps sibling hosts from planting a cookie here; it requires the path to be /.
        session_cookie="__Host-beseda_way" if is_secure else "beseda_way",
        path="/" if is_secure else DOORS,
        max_age=WAY_LIFE,
        https_only=is_secure,
    )


async def _arrived(app: App, client: OAuthClient, request: Request) -> Response:
    """Log in whoever comes back, or link their account there. Errors are shown on the page where they started."""
    reader = await reader_even_blocked(app, request)
    way_on = "/"
    try:
        remembered = await client.remembered(request)
        way_on = remembered["next"]
        profile = await client.end(request)
        if "session" in remembered:
            await app.accounts.identities.link(_same(reader.caller, remembered["session"]), client.provider, profile)
            response = _to(way_on)
        else:
            arrived = await app.accounts.identities.log_in(
                client.provider,
                profile,
                language=reader.preferences.language,
                device=device_of(request),
                browser=browser_of(request),
            )
            response = _to(welcome_first(way_on) if arrived.is_newcomer else way_on)
            await start_session(app, request, arrived.ticket, response)
    except (OAuthStateExpired, OAuthDenied, OAuthFailed, AppError) as error:
        return _to(_refusal(client.provider, error, PROFILE if reader.caller else way_on))
    return response


def _same(caller: Caller | None, session_id: int) -> Caller:
    """Linking must end in the session that started it, not in another that this browser has opened meanwhile."""
    if caller is None or caller.session_id != session_id:
        raise OAuthStateExpired
    return caller


def _refusal(provider: Provider, error: Exception, way_on: str) -> str:
    """The address of the page that says so in one sentence; the log has the cause of a failure, under its reference."""
    refusal = _why(error)
    told = {"refused": refusal.value, "by": provider.key}
    if refusal is Refusal.FAILED:
        told["reference"] = reference = secrets.token_hex(4)
        cause = str(error) if isinstance(error, OAuthFailed) else type(error).__name__
        log.warning("Log-in with %s failed [%s]: %s", provider.key, reference, cause, extra={"reference": reference})
    if way_on == PROFILE:
        return f"{PROFILE}?{urlencode(told)}"
    return door("/log-in", way_on, **told)


def _why(error: Exception) -> Refusal:
    match error:
        case OAuthStateExpired():
            return Refusal.STALE
        case OAuthDenied():
            return Refusal.CANCELLED
        case AppError():
            return refusal_of(error)
        case _:
            return Refusal.FAILED


def _to(address: str) -> Response:
    return RedirectResponse(address, 303, NOT_KEPT)


def _lost(request: Request) -> Response:
    return HTMLResponse(not_found_page(read_preferences(request.headers)), 404)
