"""Bearer tokens: what is good, what never was, and what is no longer."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.ui.api.conftest import SECRET, Program, Town


@pytest.fixture(scope="module")
def ira(town: Town) -> Program:
    return town.come("ira")


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    head, claims, signature = token.split(".")
    return (
        json.loads(base64.urlsafe_b64decode(head + "==")),
        json.loads(base64.urlsafe_b64decode(claims + "==")),
        signature,
    )


def signed(header: Any, claims: Any, secret: str = SECRET, digest: Any = hashlib.sha256) -> str:
    """A token signed by hand, whatever is in it."""
    text = ".".join(
        encoded(part if isinstance(part, bytes) else json.dumps(part).encode()) for part in (header, claims)
    )
    return f"{text}.{encoded(hmac.new(secret.encode(), text.encode(), digest).digest())}"


def with_claims(**changes: Any) -> Callable[[str], str]:
    def make(token: str) -> str:
        header, claims, _ = parts(token)
        claims |= changes
        return signed(header, {name: value for name, value in claims.items() if value is not ...})

    return make


def with_header(**changes: Any) -> Callable[[str], str]:
    def make(token: str) -> str:
        header, claims, _ = parts(token)
        return signed(header | changes, claims)

    return make


NOW = int(time.time())
BROKEN: dict[str, Callable[[str], str]] = {
    "a word": lambda _: "token",
    "two parts": lambda token: token.rsplit(".", 1)[0],
    "four parts": lambda token: token + ".more",
    "only dots": lambda _: "..",
    "not base64": lambda _: "***.***.***",
    "beyond ASCII": lambda token: token[:-3] + "ёёё",
    "a header that is no JSON": lambda token: signed(b"{", parts(token)[1]),
    "a header that is a list": lambda token: signed([], parts(token)[1]),
    "deep nesting": lambda token: signed(b"[" * 400, parts(token)[1]),
    "claims that are no JSON": lambda token: signed(parts(token)[0], b"{"),
    "claims that are a list": lambda token: signed(parts(token)[0], []),
    "claims that are no UTF-8": lambda token: signed(parts(token)[0], b"\xff\xfe"),
    "no signature": lambda token: token.rsplit(".", 1)[0] + ".",
    "a signature of another token": lambda token: ".".join(
        [*token.split(".")[:1], encoded(json.dumps(parts(token)[1] | {"sub": "1"}).encode()), parts(token)[2]]
    ),
    "another key": lambda token: signed(*parts(token)[:2], secret="somebody else's secret, just as long as ours"),
    "an empty key": lambda token: signed(*parts(token)[:2], secret=""),
    "alg none": lambda token: ".".join([encoded(b'{"alg":"none","typ":"JWT"}'), token.split(".")[1], ""]),
    "alg none, rightly signed": with_header(alg="none"),
    "another algorithm": lambda token: signed(
        parts(token)[0] | {"alg": "HS512"}, parts(token)[1], digest=hashlib.sha512
    ),
    "a public-key algorithm": with_header(alg="RS256"),
    "an algorithm nobody knows": with_header(alg="ROT13"),
    "an algorithm that is a number": with_header(alg=256),
    "no algorithm": lambda token: signed({"typ": "JWT"}, parts(token)[1]),
    "another typ in the header": with_header(typ="JWE"),
    "extensions that must be understood": with_header(crit=["exp"], exp=NOW + 99),
    "an unencoded payload": with_header(crit=["b64"], b64=False),
    "a key of its own": with_header(jwk={"kty": "oct", "k": encoded(b"mine")}, kid="mine", x="y"),
    "far too long": with_claims(more="x" * 4_000),
    "beyond all measure": lambda _: "x" * 60_000,
    "another issuer": with_claims(iss="https://evil.example"),
    "another audience": with_claims(aud="https://evil.example/api"),
    "no audience": with_claims(aud=...),
    "no issuer": with_claims(iss=...),
    "the refresh token's typ": with_claims(typ="refresh"),
    "no typ": with_claims(typ=...),
    "expired": with_claims(exp=NOW - 60),
    "no end": with_claims(exp=...),
    "an end that is a word": with_claims(exp="x"),
    "an end that is true": with_claims(exp=True),
    "not good yet": with_claims(nbf=NOW + 86_400),
    "made tomorrow": with_claims(iat=NOW + 86_400),
    "a subject that is a word": with_claims(sub="abc"),
    "a subject that is a number": with_claims(sub=2),
    "a subject in foreign digits": with_claims(sub="٢"),
    "a subject below nothing": with_claims(sub="-1"),
    "a subject beyond 64 bits": with_claims(sub="9" * 30),
    "somebody else's subject": with_claims(sub="1"),
    "no subject": with_claims(sub=...),
    "a session that is a word": with_claims(sid="abc"),
    "a session that is true": with_claims(sid=True),
    "a session beyond 64 bits": with_claims(sid=10**30),
    "a session nobody has": with_claims(sid=2**31 - 2),
    "no session": with_claims(sid=...),
    "no number of its own": with_claims(jti=...),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_token_is_401(town: Town, ira: Program, broken: Callable[[str], str]) -> None:
    token = broken(ira.tokens["access_token"])
    for path in ("/api/auth/me", "/api/characters"):  # one that asks for a token, one that takes any
        answer = town.stranger.ask("GET", path, headers={"Authorization": f"Bearer {token}".encode()})
        assert answer.status_code == 401, answer.text
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert isinstance(answer.json()["detail"], str)


@pytest.mark.parametrize("header", ["", "Bearer", "Basic aXJhOnB3", "Token abc", "bearer"])
def test_what_is_no_token_at_all_is_401(town: Town, header: str) -> None:
    answer = town.stranger.ask("GET", "/api/auth/me", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_the_claims_are_all_there(ira: Program, town: Town) -> None:
    header, claims, _ = parts(ira.tokens["access_token"])
    assert header == {"alg": "HS256", "typ": "JWT"}
    assert set(claims) == {"iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp", "typ"}
    assert claims["iss"] == town.product.url
    assert claims["exp"] - claims["iat"] == 60 * 60 == ira.tokens["expires_in"]


def test_a_refresh_token_opens_nothing_by_itself(town: Town, ira: Program) -> None:
    as_bearer = {"Authorization": f"Bearer {ira.tokens['refresh_token']}"}
    assert town.stranger.ask("GET", "/api/auth/me", headers=as_bearer).status_code == 401
    swapped = town.stranger.post("/api/auth/refresh", {"refresh_token": ira.tokens["access_token"]})
    assert swapped.status_code == 401, "nor does an access token give new ones"


def test_a_refresh_token_gives_new_tokens_and_then_is_used_up(town: Town) -> None:
    boris = town.come("boris")
    fresh = town.stranger.post("/api/auth/refresh", {"refresh_token": boris.tokens["refresh_token"]}).json()
    later = Program(town.product.url, boris.name, fresh)
    assert later.id == boris.id
    assert boris.get("/api/auth/me").status_code == 200, "the access token before lives its short life to the end"
    again = town.stranger.post("/api/auth/refresh", {"refresh_token": boris.tokens["refresh_token"]})
    assert again.status_code == 401
    assert again.headers["www-authenticate"] == "Bearer"
    assert later.get("/api/auth/me").status_code == 401, "used twice, it may be stolen: the whole session is over"
    assert town.stranger.post("/api/auth/refresh", {"refresh_token": fresh["refresh_token"]}).status_code == 401
    later.close()


def test_logging_out_ends_the_tokens_of_this_session_only(town: Town) -> None:
    laptop = town.come("vera")
    phone = town.again(laptop)
    assert laptop.post("/api/auth/log-out").status_code == 204
    assert laptop.get("/api/auth/me").status_code == 401
    refreshed = town.stranger.post("/api/auth/refresh", {"refresh_token": laptop.tokens["refresh_token"]})
    assert refreshed.status_code == 401
    assert phone.get("/api/auth/me").status_code == 200


def test_a_block_ends_all_tokens_at_once(town: Town) -> None:
    gleb = town.come("gleb")
    admin = town.come("admin", is_admin=True)
    blocked = admin.post(f"/api/admin/users/{gleb.id}/block")
    assert blocked.json() == {"detail": "toggled", "is_blocked": True}
    by_refresh = {"refresh_token": gleb.tokens["refresh_token"]}
    for answer in (gleb.get("/api/auth/me"), town.stranger.post("/api/auth/refresh", by_refresh)):
        assert (answer.status_code, answer.json()) == (403, {"detail": "User is inactive or blocked"})
    anew = town.stranger.post("/api/auth/login", {"login": gleb.name, "password": "тихий омут 42"})
    assert (anew.status_code, anew.json()) == (403, {"detail": "User inactive or blocked"})
    admin.post(f"/api/admin/users/{gleb.id}/block", {"blocked": False})
    assert gleb.get("/api/auth/me").status_code == 200, "lifted, it is as if nothing had been"
    assert gleb.post("/api/auth/log-out").status_code == 204
    admin.post(f"/api/admin/users/{gleb.id}/block", {"blocked": True})
    assert gleb.get("/api/auth/me").status_code == 401, "a session that has ended says no more than before"


def test_a_cookie_is_no_token_and_a_token_no_cookie(town: Town, ira: Program) -> None:
    by_cookie = town.stranger.ask("GET", "/api/auth/me", headers={"Cookie": f"beseda={ira.tokens['access_token']}"})
    assert by_cookie.status_code == 401
    for token in (ira.tokens["access_token"], ira.tokens["refresh_token"]):
        page = town.stranger.ask("GET", "/feed/dialogs/1", headers={"Cookie": f"beseda={token}"})
        assert page.status_code == 401
