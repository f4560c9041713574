"""OAuth 2.1 and OpenID Connect client: asks another site who somebody is there, by means of Authlib.

Always with PKCE; state, verifier and nonce are kept in a cookie of the browser that started
(ui/account/sign_in/oauth_routes.py). Authlib and its dependencies are loaded only if a provider is enabled, which is
rare.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from starlette.requests import Request

from domain.accounts.providers import BrokenAnswer, Provider, ProviderProfile

if TYPE_CHECKING:
    import httpx2

CONNECT = 5  # seconds to connect
WHOLE = 15  # seconds for all requests of one step together
CLOCKS_DIFFER = 60  # seconds by which a provider's clock may be off
DENIED = "access_denied"
SIGNED_WITH = ("RS", "PS", "ES", "Ed")
"""Prefixes of the accepted id token algorithms: those with public keys only, so never `none`, nor our own secret as the
key.
"""


class OAuthDenied(Exception):
    """The person said no at the provider."""


class OAuthStateExpired(Exception):
    """No log-in was started in this browser, or it was too long ago, or restarted in another tab."""


class OAuthFailed(Exception):
    """The provider did not answer as it should; the text is fit for the log: no tokens, codes or secrets."""


class OAuthClient:
    """`back` is our address that the provider redirects browsers to, a different one for each provider."""

    def __init__(self, provider: Provider, back: str) -> None:
        import httpx2
        from authlib.integrations.starlette_client import OAuth

        self.provider = provider
        self._back = back
        discovery = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration" if provider.issuer else None
        self._client = OAuth().register(
            provider.key,
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            authorize_url=provider.authorize or None,
            access_token_url=provider.token or None,
            server_metadata_url=discovery,
            client_kwargs={
                "scope": provider.scope,
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": "client_secret_post",
                "timeout": httpx2.Timeout(WHOLE, connect=CONNECT),
                "verify": _trusted(),
            },
        )

    async def begin(self, request: Request, **remembered: str | int) -> str:
        """The address to redirect the browser to; `remembered` is kept for the return. Raises `OAuthFailed`."""
        with _translated():
            async with asyncio.timeout(WHOLE):
                await self._discover()
                asked = await self._client.create_authorization_url(self._back)
        address = str(asked.pop("url"))
        await self._client.save_authorize_data(request, redirect_uri=self._back, remembered=remembered, **asked)
        return address

    async def remembered(self, request: Request) -> Mapping[str, Any]:
        """The values kept by the latest `begin` in this browser. Raises `OAuthStateExpired`, `OAuthDenied`."""
        brought = request.query_params
        begun = await self._client.framework.get_state_data(request.session, brought.get("state", ""))
        if begun is None:  # some providers omit the state in a refusal
            raise OAuthDenied if brought.get("error") == DENIED and "state" not in brought else OAuthStateExpired
        return dict(begun["remembered"])

    async def end(self, request: Request) -> ProviderProfile:
        """The person's profile; the kept values are used up. Raises `OAuthDenied`, `OAuthFailed`."""
        brought = request.query_params
        if brought.get("error") == DENIED:
            await self._client.framework.clear_state_data(request.session, brought["state"])
            raise OAuthDenied
        with _translated():
            async with asyncio.timeout(WHOLE):
                claims_wanted = await self._discover()
                self._check_sender(brought)
                token = await self._client.authorize_access_token(
                    request,
                    claims_options=claims_wanted,
                    leeway=CLOCKS_DIFFER,
                    **{name: brought[name] for name in self.provider.brought_back if name in brought},
                )
                profile = self.provider.profile(await self._ask(token))
        return profile

    async def _discover(self) -> dict[str, Any]:
        """Fetch an OpenID provider's addresses (discovery), once; returns the claims its id tokens must have."""
        if not self.provider.issuer:
            return {}
        told = await self._client.load_server_metadata()
        issuer = told["issuer"]
        if issuer.rstrip("/") != self.provider.issuer.rstrip("/"):
            raise OAuthFailed("the provider calls itself by another issuer than the one of the settings")
        offered = told.get("id_token_signing_alg_values_supported", ["RS256"])
        told["id_token_signing_alg_values_supported"] = [each for each in offered if each.startswith(SIGNED_WITH)]
        if "client_secret_post" not in told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
            self._client.client_kwargs["token_endpoint_auth_method"] = "client_secret_basic"  # noqa: S105 - the name of a way
        return {
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": self.provider.client_id},
            "sub": {"essential": True},
            "exp": {"essential": True},
        }

    def _check_sender(self, brought: Mapping[str, str]) -> None:
        """RFC 9207: an issuer named in a response must be this one, and must be named if this provider always does."""
        told = self._client.server_metadata
        always = told.get("authorization_response_iss_parameter_supported") is True
        if "issuer" in told and brought.get("iss", "" if always else told["issuer"]) != told["issuer"]:
            raise OAuthFailed("the answer comes from another issuer")

    async def _ask(self, token: Mapping[str, Any]) -> dict[str, Any]:
        """The provider's data about the person who gave consent."""
        told = self._client.server_metadata
        address = self.provider.user_info or told.get("userinfo_endpoint")
        signed = token.get("userinfo")  # the verified claims of the id token
        if self.provider.issuer and not signed:
            raise OAuthFailed("there is no id token")
        if self.provider.user_info_form:
            known = {"client_id": self.provider.client_id, "access_token": token["access_token"]}
            form = {name: known[name] for name in self.provider.user_info_form}
            answer = _read(await self._client.post(address, token=token, data=form))
        else:
            answer = _read(await self._client.get(address, token=token)) if address else {}
        if signed:
            if address and answer.get("sub") != signed["sub"]:
                raise OAuthFailed("what is signed and what is told are about different people")
            answer = {**signed, **answer}
        if self.provider.emails:
            emails = await self._client.get(self.provider.emails, token=token)
            answer["emails"] = emails.json() if emails.is_success else []
        return answer


@cache
def _trusted() -> ssl.SSLContext:
    """The trusted certificates, cached: Authlib makes a client for each request, and reading these takes 50 ms."""
    import httpx2

    return httpx2.create_ssl_context()


def _read(response: httpx2.Response) -> dict[str, Any]:
    response.raise_for_status()
    answer = response.json()
    if not isinstance(answer, dict):
        raise BrokenAnswer("the answer is no object")
    return answer


@contextmanager
def _translated() -> Iterator[None]:
    """Any failure of the other site becomes `OAuthFailed`. Its own text stays out: it may contain what was sent."""
    import httpx2
    from authlib.integrations.base_client import OAuthError
    from joserfc.errors import JoseError

    try:
        yield
    except OAuthError as error:
        code = str(error.error)
        raise OAuthFailed(f"refused: {code if re.fullmatch(r'[a-z_]{1,40}', code) else 'no known reason'}") from error
    except httpx2.HTTPStatusError as error:
        raise OAuthFailed(f"status {error.response.status_code} from {error.request.url.host}") from error
    except TimeoutError as error:
        raise OAuthFailed("no answer in time") from error
    except JoseError as error:
        raise OAuthFailed(f"the id token is not good: {error.error}") from error
    except BrokenAnswer as error:
        raise OAuthFailed(str(error)) from error
    except (
        httpx2.HTTPError,
        httpx2.InvalidURL,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RuntimeError,
    ) as error:
        raise OAuthFailed(f"no usable answer: {type(error).__name__}") from error
