"""Bearer authentication: the caller, by the token in the `Authorization` header."""

from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.requests import HTTPConnection
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from domain.accounts.sessions import Caller
from domain.accounts.sessions_list import Visitor
from ui.app import App


class Bearer(HTTPBearer):
    """FastAPI's own returns None when told not to raise; ours always raises, with the seed's texts."""

    async def __call__(self, request: HTTPConnection) -> HTTPAuthorizationCredentials:
        credentials = await super().__call__(request)
        assert credentials  # noqa: S101 - auto_error raises instead
        return credentials


bearer = Bearer(scheme_name="token", description="The `access_token` of `POST /api/auth/login`.")

TOKEN_IS_OPTIONAL: dict[str, Any] = {"security": [{}, {"token": []}]}
"""Value for `openapi_extra` of routes where the token is optional."""


class BearerAuth:
    """Each method first checks that the token's session is still valid; the domain checks it again."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def ask(self, request: Request) -> None:
        """Authenticate before the body is read, for `authenticate_first`."""
        request.state.visitor = await self._behind((await bearer(request)).credentials)

    async def visitor(
        self, request: Request, credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]
    ) -> Visitor:
        asked: Visitor | None = getattr(request.state, "visitor", None)
        return asked or await self._behind(credentials.credentials)

    async def caller(
        self, request: Request, credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]
    ) -> Caller:
        return (await self.visitor(request, credentials)).caller

    async def visitor_if_any(self, request: Request) -> Visitor | None:
        """None without a token; an invalid token is refused here too."""
        if "authorization" not in request.headers:
            return None
        return await self.visitor(request, await bearer(request))

    async def _behind(self, token: str) -> Visitor:
        visitor = await self._app.accounts.tokens.authenticate(token)
        self._app.known_people.note(token, visitor.caller.user_id)
        return visitor
