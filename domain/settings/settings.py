"""Settings: the environment as one frozen, validated object. domain/environment reads it."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from domain.addresses.origin import origin_of
from domain.email_address import clean_email
from domain.rate_limits import read_times
from domain.settings.mail_settings import MailSettings
from domain.settings.model_settings import ModelSettings
from domain.settings.setting_types import (
    BucketAddress,
    BusAddress,
    DatabaseAddress,
    Emails,
    HeaderText,
    Host,
    LimitList,
    Origins,
    Port,
    PublicAddress,
    SigningSecret,
    WebAddress,
    listed,
)
from storage.database import CONNECTIONS

DRAIN_LEAD = 5  # seconds: more than two checks of a proxy
EVERYBODY = {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound


class Settings(ModelSettings, MailSettings):
    """Every setting Beseda reads, by its environment name in lower case. `.env.example` explains each."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8-sig",  # some editors begin a file with a BOM, which would hide the first name
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    # network address and data folder
    host: Host = "127.0.0.1"
    port: Port = 8000
    data_dir: Path = Path("data")
    public_url: PublicAddress = ""
    cors_origins: Origins = ""
    database_url: DatabaseAddress = ""
    db_echo: bool = False
    db_connections: Annotated[int, Field(ge=4, le=1000)] = CONNECTIONS

    # several instances over one database
    instance: Annotated[HeaderText, Field(max_length=100)] = ""
    bus_url: BusAddress = ""
    # pictures in a bucket instead of the data folder; its keys have the names that every S3 program reads
    pictures_url: BucketAddress = ""
    aws_endpoint_url: WebAddress = ""
    aws_region: str = ""
    aws_access_key_id: str = ""
    aws_secret_access_key: SecretStr = SecretStr("")

    drain_lead: Annotated[float, Field(ge=0, le=600)] | None = None
    shutdown_grace: Annotated[float, Field(ge=0, le=600)] = 20

    # rate limits and quotas: see domain/rate_limits.py
    limits_store: Literal["", "memory", "database"] = ""
    limits: LimitList = ""
    trusted_proxies: str = ""

    # access tokens of the JSON API
    jwt_secret: SigningSecret = SecretStr("")
    access_token_expire_minutes: Annotated[int, Field(ge=1, le=60 * 24 * 30)] = 60

    # who is an admin, and whether users are notified that somebody read a conversation of theirs
    admin_emails: Emails = ""
    tell_when_read: bool = True

    # whom people can write to: shown on the contact page and named on the others
    contact: str = Field("", max_length=200)

    # log-in through other sites: enabled for each that has both
    yandex_client_id: str = ""
    yandex_client_secret: SecretStr = SecretStr("")
    vk_client_id: str = ""
    vk_client_secret: SecretStr = SecretStr("")
    google_client_id: str = ""
    google_client_secret: SecretStr = SecretStr("")
    github_client_id: str = ""
    github_client_secret: SecretStr = SecretStr("")
    oidc_issuer: WebAddress = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_name: str = "OpenID"

    # tracing: off unless a key is given, since it sends every chat to a service abroad
    langsmith_api: SecretStr = SecretStr("")
    langsmith_project: str = ""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"

    # metrics for Prometheus, on a port of their own; 0: none
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 0
    metrics_host: Host = "127.0.0.1"

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Strip blanks and line ends, which come from copying or from a file. Values of blanks only are not set."""
        stripped = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
        return {name: value for name, value in stripped.items() if value != "" or values[name] == ""}

    @model_validator(mode="after")
    def _bucket_key_is_whole(self) -> Settings:
        if self.pictures_url and bool(self.aws_access_key_id) != bool(self.aws_secret_access_key.get_secret_value()):
            raise ValueError("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together: one of them is missing")
        return self

    @model_validator(mode="after")
    def _providers_are_whole(self) -> Settings:
        for key in ("yandex", "vk", "google", "github", "oidc"):
            parts = [f"{key}_client_id", f"{key}_client_secret", *(["oidc_issuer"] if key == "oidc" else [])]
            missing = [part for part in parts if str(getattr(self, part)) == ""]
            if missing and len(missing) < len(parts):
                given = next(part for part in parts if part not in missing)
                raise ValueError(f"{missing[0].upper()} is missing: it goes with {given.upper()}")
        return self

    @property
    def database(self) -> str:
        """The database URL: `DATABASE_URL`, else a SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir / 'beseda.db'}"

    @model_validator(mode="after")
    def _bus_has_somebody_to_reach(self) -> Settings:
        if self.bus_url and self.database.startswith("sqlite"):
            raise ValueError("BUS_URL is for several instances, and those need PostgreSQL: set DATABASE_URL")
        return self

    @property
    def instance_name(self) -> str:
        """Name that tells this instance from the others: as set, else host name and port."""
        return self.instance or f"{socket.gethostname()}:{self.port}"

    @property
    def address(self) -> str:
        """The public base URL, without a trailing slash: links in mails begin with it, never with a Host header."""
        host = "127.0.0.1" if self.host in EVERYBODY else self.host
        host = f"[{host}]" if ":" in host else host
        return self.public_url or f"http://{host}:{self.port}"

    @model_validator(mode="after")
    def _metrics_have_a_port_of_their_own(self) -> Settings:
        hosts = {self.host, self.metrics_host}
        if self.metrics_port == self.port and (len(hosts) == 1 or hosts & EVERYBODY):
            raise ValueError("METRICS_PORT is the same as PORT: metrics need a port of their own")
        return self

    @property
    def is_secure(self) -> bool:
        return self.address.startswith("https://")

    @property
    def welcome_origins(self) -> list[str]:
        """Allowed CORS origins: the other sites whose pages may call the JSON API."""
        return [origin_of(each) for each in listed(self.cors_origins)]

    @property
    def limit_times(self) -> dict[str, int]:
        """Overrides of the rate limits by name, as configured by the operator."""
        return read_times(self.limits)

    @property
    def counts_in_database(self) -> bool:
        """Whether rate limits are counted in the database: on PostgreSQL (several instances), unless set otherwise."""
        return self.limits_store == "database" or (not self.limits_store and not self.database.startswith("sqlite"))

    @property
    def seconds_to_drain(self) -> float:
        """Seconds that proxies get to send people elsewhere. If not set, 0 on SQLite, which has no other instance."""
        if self.drain_lead is None:
            return 0 if self.database.startswith("sqlite") else DRAIN_LEAD
        return self.drain_lead

    @property
    def admin_addresses(self) -> list[str]:
        """Addresses whose verified owners become admins; they must match exactly."""
        return [clean_email(each) for each in listed(self.admin_emails)]
