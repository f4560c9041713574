"""Fake OAuth provider: real HTTP in the formats of Yandex ID, VK ID and OpenID. It lies on demand.

    async with ProviderServer() as site:
        back = site.consent(location)      # what its page would do after a click on «Allow»
        site.claims["nonce"] = "another"   # from now on id tokens say so
        site.fault = "html"                # from now on its addresses answer nonsense

Codes are valid once, and only with the right verifier, redirect address, client and secret: all of it is checked.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import uvicorn
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

CLIENT = "our client id"
SECRET = "our client secret, which nobody may read"
DEVICE = "vk's device"
KEY = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})


class Served:
    """An ASGI application on a free port of this machine, within the loop of the tests."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    async def start(self, application: Any) -> None:
        """Start to serve; whoever connects before it is up waits in the socket's queue."""
        config = uvicorn.Config(
            application, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))

    async def stop(self) -> None:
        self._server.should_exit = True
        await self._serving


class ProviderServer(Served):
    def __init__(self) -> None:
        super().__init__()
        self.profile: dict[str, Any] = {"id": "1130", "login": "ira", "display_name": "Ира"}
        """What `/info` tells."""
        self.claims: dict[str, Any] = {"sub": "248289761001", "name": "Ира"}
        """What id tokens say beside the usual; what is None is left out."""
        self.metadata: dict[str, Any] = {}
        self.sign_with = "RS256"
        self.fault = ""
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: list[str] = []
        self.asked: list[tuple[str, dict[str, str]]] = []
        """(path, form or query) of each request."""

    async def __aenter__(self) -> Self:
        await self.start(
            Starlette(
                routes=[
                    Route("/.well-known/openid-configuration", self._metadata),
                    Route("/jwks", self._jwks),
                    Route("/token", self._token, methods=["POST"]),
                    Route("/info", self._info, methods=["GET", "POST"]),
                    Route("/userinfo", self._userinfo),
                    Route("/emails", self._emails),
                ]
            )
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def consent(self, location: str) -> str:
        """Address that the browser comes back to after the person has agreed to what `location` asks."""
        asked = dict(parse_qsl(urlsplit(location).query))
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'device_id': DEVICE})}"

    async def _token(self, request: Request) -> Response:
        form = await self._heard(request)
        if nonsense := self._nonsense():
            return nonsense
        asked = self.codes.pop(form.get("code", ""), None)
        verifier = sha256(form.get("code_verifier", "").encode()).digest()
        is_right = asked is not None and (
            asked["code_challenge"] == urlsafe_b64encode(verifier).decode().rstrip("=")
            and asked["code_challenge_method"] == "S256"
            and asked["redirect_uri"] == form["redirect_uri"]
            and (form["client_id"], form["client_secret"]) == (CLIENT, SECRET)
        )
        if not is_right or asked is None:
            return JSONResponse({"error": "invalid_grant", "error_description": f"code {form.get('code')}"}, 400)
        self.tokens.append(secrets.token_urlsafe(16))
        told = {"access_token": self.tokens[-1], "token_type": "bearer", "expires_in": 3600}
        if "nonce" in asked:
            told["id_token"] = self._id_token(asked["nonce"])
        return JSONResponse({name: value for name, value in told.items() if value is not None})

    def _id_token(self, nonce: str) -> str | None:
        moment = int(time.time())
        usual = {"iss": self.url, "aud": CLIENT, "iat": moment, "exp": moment + 60, "nonce": nonce}
        claims = {name: value for name, value in {**usual, **self.claims}.items() if value is not None}
        match self.sign_with:
            case "nothing at all":
                return None
            case "none":
                head, body = (
                    urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
                    for part in ({"alg": "none", "kid": "1"}, claims)
                )
                return f"{head}.{body}."
            case "HS256":
                return jwt.encode({"alg": "HS256", "kid": "1"}, claims, OctKey.import_key(SECRET))
            case "another key":
                return jwt.encode({"alg": "RS256", "kid": "1"}, claims, RSAKey.generate_key(2048))
            case _:
                return jwt.encode({"alg": "RS256", "kid": "1"}, claims, KEY)

    async def _info(self, request: Request) -> Response:
        form = await self._heard(request)
        if self.tokens[-1] not in {form.get("access_token"), request.headers["authorization"].removeprefix("Bearer ")}:
            return JSONResponse({"error": "invalid_token"}, 401)
        return self._nonsense() or JSONResponse(self.profile)

    async def _userinfo(self, request: Request) -> Response:
        await self._heard(request)
        return JSONResponse({"sub": self.claims["sub"], **self.profile})

    async def _emails(self, request: Request) -> Response:
        await self._heard(request)
        return JSONResponse([{"email": "ira@example.org", "primary": True, "verified": True}])

    async def _metadata(self, request: Request) -> Response:
        await self._heard(request)
        told = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }
        return self._nonsense() or JSONResponse(told | self.metadata)

    async def _jwks(self, request: Request) -> Response:
        await self._heard(request)
        return JSONResponse({"keys": [KEY.as_dict(private=False)]})

    async def _heard(self, request: Request) -> dict[str, str]:
        form = dict(parse_qsl((await request.body()).decode() or request.url.query))
        self.asked.append((request.url.path, form))
        return form

    def _nonsense(self) -> Response | None:
        match self.fault:
            case "500":
                return HTMLResponse("<h1>Internal error</h1>", 500)
            case "html":
                return HTMLResponse("<h1>We are renovating</h1>")
            case "list":
                return JSONResponse([])
            case "empty":
                return JSONResponse({})
            case _:
                return None
