"""Settings: the environment as one frozen object, whose values are checked. domain/environment reads it."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.addresses.model_address import YANDEX_BASE_URL, api_address
from domain.addresses.origin import origin_of
from domain.email_address import clean_email, is_sender
from domain.prices import Prices, read_prices
from domain.rate_limits import REPLIES_AT_ONCE, read_times
from domain.request_extras import RequestExtras, read_extras
from domain.setting_types import (
    BucketAddress,
    BusAddress,
    DatabaseAddress,
    Emails,
    HeaderText,
    Host,
    Key,
    LimitList,
    ModelAddress,
    Origins,
    Port,
    PriceList,
    PublicAddress,
    RequestExtrasText,
    SigningSecret,
    WebAddress,
    listed,
)
from storage.database import CONNECTIONS

SmtpSecurity = Literal["starttls", "tls", "none"]
TLS_FROM_THE_START = 465
DRAIN_LEAD = 5  # seconds: more than two checks of a proxy
LOOPBACK = ("localhost", "127.0.0.1", "::1")
EVERYBODY = {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound


class Settings(BaseSettings):
    """Every setting Beseda reads, by its environment name in lower case. `.env.example` explains each."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8-sig",  # some editors begin a file with a mark, which would hide the first name
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
    # pictures in a bucket instead of the data folder; the names of its keys are those that every S3 program reads
    pictures_url: BucketAddress = ""
    aws_endpoint_url: WebAddress = ""
    aws_region: str = ""
    aws_access_key_id: str = ""
    aws_secret_access_key: SecretStr = SecretStr("")

    # mail; without a server it is printed in the log
    smtp_host: str = ""
    smtp_port: Port = 587
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_security: SmtpSecurity | None = None
    mail_from: str = ""

    # the language model
    api_key: Key = SecretStr("")
    folder_id: HeaderText = ""
    base_url: ModelAddress = ""
    llm_model: str = Field("", validation_alias=AliasChoices("LLM_MODEL", "MODEL"))
    temperature: Annotated[float, Field(ge=0, le=1)] = 0.6
    llm_concurrency: Annotated[int, Field(ge=1, le=1000)] = 10
    replies_at_once: Annotated[int, Field(ge=1, le=1000)] = REPLIES_AT_ONCE
    llm_max_reply_tokens: Annotated[int, Field(ge=16, le=32000)] = 1500
    llm_window: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    llm_first_timeout: Annotated[float, Field(ge=0, le=3600)] = 0
    llm_silence_timeout: Annotated[float, Field(ge=0, le=3600)] = 0
    llm_reply_timeout: Annotated[float, Field(ge=0, le=7200)] = 0
    llm_extra: RequestExtrasText = SecretStr("")  # its headers may hold a key
    llm_check_at_start: bool = True
    keep_thoughts: bool = False
    llm_models: str = ""
    llm_prices: PriceList = ""
    daily_tokens: Annotated[int, Field(ge=0, le=1_000_000_000)] = 0
    drain_lead: Annotated[float, Field(ge=0, le=600)] | None = None
    shutdown_grace: Annotated[float, Field(ge=0, le=600)] = 20
    demo_pause: Annotated[float, Field(ge=0, le=5)] = 0.12
    trial_messages: Annotated[int, Field(ge=0, le=100)] = 3  # before signing up; 0: none

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
        """Blanks and line ends around a value come from copying or from a file; what is blank only is not set."""
        stripped = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
        return {name: value for name, value in stripped.items() if value != "" or values[name] == ""}

    @model_validator(mode="after")
    def _model_can_be_reached(self) -> Settings:
        at_yandex = self.model_address == YANDEX_BASE_URL
        if self.api_key.get_secret_value() and at_yandex and not self.folder_id and not self._names_its_folder:
            raise ValueError("FOLDER_ID is missing: YandexGPT needs it beside API_KEY")
        if (self.folder_id or self.base_url) and at_yandex and not self.api_key.get_secret_value():
            raise ValueError("API_KEY is missing: YandexGPT needs it beside FOLDER_ID")
        if self.base_url and not self.folder_id and not self.llm_model:
            raise ValueError("LLM_MODEL is missing: a server given by BASE_URL needs the full name of its model")
        return self

    @model_validator(mode="after")
    def _bucket_key_is_whole(self) -> Settings:
        if self.pictures_url and bool(self.aws_access_key_id) != bool(self.aws_secret_access_key.get_secret_value()):
            raise ValueError("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together: one of them is missing")
        return self

    @model_validator(mode="after")
    def _letters_can_be_sent(self) -> Settings:
        password = self.smtp_password.get_secret_value()
        if bool(self.smtp_user) != bool(password):
            raise ValueError("SMTP_USER and SMTP_PASSWORD go together: one of them is missing")
        if not self.smtp_host:
            if self.smtp_user or self.mail_from:
                raise ValueError("SMTP_HOST is missing: without it letters are only printed in the log")
            return self
        if not is_sender(self.mail_from):
            raise ValueError("MAIL_FROM must be the address letters come from, such as Beseda <beseda@example.org>")
        if password and self.mail_security == "none" and self.smtp_host not in LOOPBACK:
            raise ValueError("SMTP_SECURITY=none would send SMTP_PASSWORD for everybody to read")
        return self

    @property
    def prints_letters(self) -> bool:
        """Whether mails go to the server's log, so that a page can say where to look."""
        return not self.smtp_host

    @property
    def mail_security(self) -> SmtpSecurity:
        """How the connection to the mail server is encrypted; by its port if not set."""
        return self.smtp_security or ("tls" if self.smtp_port == TLS_FROM_THE_START else "starttls")

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
    def _names_its_folder(self) -> bool:
        return self.llm_model.startswith("gpt://")

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
        """What tells this instance from the others."""
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
    def is_demo(self) -> bool:
        """Whether no language model is configured, so that the built-in one answers."""
        return not self.api_key.get_secret_value() and not self.base_url

    @property
    def model_address(self) -> str:
        """The base URL for ChatOpenAI."""
        return api_address(self.base_url)

    @property
    def model(self) -> str:
        return self.llm_model or "yandexgpt-lite/latest"

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
        """How long proxies get to send people elsewhere; 0 on SQLite, where there is no other instance."""
        if self.drain_lead is None:
            return 0 if self.database.startswith("sqlite") else DRAIN_LEAD
        return self.drain_lead

    @property
    def admin_addresses(self) -> list[str]:
        """Addresses whose verified owners become admins; they must match exactly."""
        return [clean_email(each) for each in listed(self.admin_emails)]

    @property
    def extras(self) -> RequestExtras:
        return read_extras(self.llm_extra.get_secret_value())

    @property
    def prices(self) -> Prices:
        return Prices(read_prices(self.llm_prices))

    @property
    def models(self) -> list[str]:
        """The models a user may choose from for a dialog, the default first."""
        return list(dict.fromkeys([self.model, *listed(self.llm_models)]))
