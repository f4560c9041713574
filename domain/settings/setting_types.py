"""Setting types, which validate each kind of value. A `ValueError` here stops the start with one line."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from domain.addresses.model_address import check_base_url
from domain.addresses.origin import origin_of
from domain.email_address import is_clean_email
from domain.prices import read_prices
from domain.rate_limits import read_times
from domain.settings.request_extras import read_extras
from storage.url import POSTGRESQL, read_url
from storage.wire.select import BROKERS

PRINTED_SECRETS = ("change-me", "change-me-to-long-random-string", "secret", "changeme")
SHORTEST_SECRET = 32  # bytes; RFC 7518 3.2 asks no less for HS256


def listed(text: str) -> list[str]:
    """The items of a comma-separated value."""
    return [each for part in text.split(",") if (each := part.strip())]


def _address(value: str) -> str:
    if value and not (value.startswith(("http://", "https://")) and urlsplit(value).hostname):
        raise ValueError("must be an address that begins with http:// or https://")
    return value.rstrip("/")


def _public_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        raise ValueError("must end with the host: Beseda needs a (sub)domain of its own and cannot live below a path")
    if value:
        origin_of(value)
    return value


def _model_address(value: str) -> str:
    check_base_url(value)
    return value


def _host(value: str) -> str:
    return value.removeprefix("[").removesuffix("]")


def _header_text(value: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise ValueError("contains letters or line ends that cannot be part of it: copy it again")
    return value


def _key(value: SecretStr) -> SecretStr:
    _header_text(value.get_secret_value())
    return value


def _origins(value: str) -> str:
    for origin in listed(value):
        if urlsplit(origin).netloc != origin.partition("://")[2]:
            raise ValueError("must list origins such as https://app.example.org, with commas and without paths")
        origin_of(origin)
    return value


def _database_address(value: str) -> str:
    if value:
        read_url(value)
    return value


def _bus_address(value: str) -> str:
    if value.startswith(BROKERS):
        if not find_spec("redis"):
            raise ValueError("needs one more package: pip install --require-hashes -r requirements-extras.txt")
        return value
    try:
        is_database = not value or read_url(value).get_backend_name() == POSTGRESQL
    except ValueError:
        is_database = False
    if not is_database:
        raise ValueError("must be the address of a PostgreSQL server or of a Redis: postgresql://… or redis://…")
    return value


def _bucket_address(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme != "s3" or not parts.hostname or parts.netloc != parts.hostname or parts.query):
        raise ValueError("must be s3://bucket or s3://bucket/folder; keys go into AWS_ACCESS_KEY_ID and its secret")
    if value and find_spec("obstore") is None:
        raise ValueError("needs a package: .venv/bin/python -m pip install --require-hashes -r requirements-extras.txt")
    return value


def _emails(value: str) -> str:
    if not all(map(is_clean_email, listed(value))):
        raise ValueError("must list e-mail addresses in letters of one alphabet, with commas between them")
    return value


def _prices(value: str) -> str:
    read_prices(value)
    return value


def _limits(value: str) -> str:
    read_times(value)
    return value


def _request_extras(value: SecretStr) -> SecretStr:
    read_extras(value.get_secret_value())
    return value


def _signing_secret(value: SecretStr) -> SecretStr:
    secret = value.get_secret_value()
    if secret and secret.lower() in PRINTED_SECRETS:
        raise ValueError("is an example that anybody can read; leave it empty and a random one is made")
    if secret and len(secret.encode()) < SHORTEST_SECRET:
        raise ValueError(f"is shorter than {SHORTEST_SECRET} bytes; leave it empty and a random one is made")
    return value


Port = Annotated[int, Field(ge=1, le=65535)]
Host = Annotated[str, AfterValidator(_host)]
WebAddress = Annotated[str, AfterValidator(_address)]
PublicAddress = Annotated[WebAddress, AfterValidator(_public_address)]
ModelAddress = Annotated[WebAddress, AfterValidator(_model_address)]
HeaderText = Annotated[str, AfterValidator(_header_text)]
Key = Annotated[SecretStr, AfterValidator(_key)]
Origins = Annotated[str, AfterValidator(_origins)]
DatabaseAddress = Annotated[str, AfterValidator(_database_address)]
BusAddress = Annotated[str, AfterValidator(_bus_address)]
BucketAddress = Annotated[str, AfterValidator(_bucket_address)]
Emails = Annotated[str, AfterValidator(_emails)]
RequestExtrasText = Annotated[SecretStr, AfterValidator(_request_extras)]
PriceList = Annotated[str, AfterValidator(_prices)]
LimitList = Annotated[str, AfterValidator(_limits)]
SigningSecret = Annotated[SecretStr, AfterValidator(_signing_secret)]
