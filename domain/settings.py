"""The environment, read once into one frozen object; nonsense is refused at start with one plain line."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from storage.url import read_url

YANDEX_BASE_URL = "https://ai.api.cloud.yandex.net/v1"
"""Yandex AI Studio's OpenAI-compatible address (its documentation, «OpenAI compatibility», November 2026)."""

PRINTED_SECRETS = ("change-me", "change-me-to-long-random-string", "secret", "changeme")
SHORTEST_SECRET = 32  # bytes; RFC 7518 3.2 asks no less for HS256

Port = Annotated[int, Field(ge=1, le=65535)]


class BadSetting(Exception):
    """A setting that cannot be used; the text is one line naming the variable."""


class Settings(BaseSettings):
    """Every setting Beseda reads, by its environment name in lower case. `.env.example` explains each."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    # where it listens and keeps things
    host: str = "127.0.0.1"
    port: Port = 8000
    data_dir: Path = Path("data")
    public_url: str = ""
    database_url: str = ""
    db_echo: bool = False

    # the language model
    api_key: SecretStr = SecretStr("")
    folder_id: str = ""
    base_url: str = ""
    llm_model: str = Field("", validation_alias=AliasChoices("LLM_MODEL", "MODEL"))
    temperature: Annotated[float, Field(ge=0, le=1)] = 0.6
    llm_concurrency: Annotated[int, Field(ge=1, le=1000)] = 10
    llm_max_reply_tokens: Annotated[int, Field(ge=16, le=32000)] = 1500
    llm_window: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    llm_models: str = ""
    shutdown_grace: Annotated[float, Field(ge=0, le=600)] = 20
    demo_pause: Annotated[float, Field(ge=0, le=5)] = 0.12

    # tokens of the JSON API
    jwt_secret: SecretStr = SecretStr("")
    access_token_expire_minutes: Annotated[int, Field(ge=1, le=60 * 24 * 30)] = 60

    # tracing: off unless a key is given, since it sends every chat to a service abroad
    langsmith_api: SecretStr = SecretStr("")
    langsmith_project: str = ""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("public_url", "base_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if value and not (value.startswith(("http://", "https://")) and urlsplit(value).hostname):
            raise ValueError("must be an address that begins with http:// or https://")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _is_a_known_database(cls, value: str) -> str:
        if value:
            read_url(value)
        return value

    @field_validator("jwt_secret")
    @classmethod
    def _is_a_secret(cls, value: SecretStr) -> SecretStr:
        secret = value.get_secret_value()
        if secret and secret.lower() in PRINTED_SECRETS:
            raise ValueError("is an example that anybody can read; leave it empty and a random one is made")
        if secret and len(secret.encode()) < SHORTEST_SECRET:
            raise ValueError(f"is shorter than {SHORTEST_SECRET} bytes; leave it empty and a random one is made")
        return value

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

    @property
    def _names_its_folder(self) -> bool:
        return self.llm_model.startswith("gpt://")

    @property
    def database(self) -> str:
        """The database's address: `DATABASE_URL`, else a SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir / 'beseda.db'}"

    @property
    def address(self) -> str:
        """Where people reach us, no slash at the end: links in letters begin with it, never with a Host header."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 - compared, not bound
        host = f"[{host}]" if ":" in host else host
        return self.public_url or f"http://{host}:{self.port}"

    @property
    def is_secure(self) -> bool:
        return self.address.startswith("https://")

    @property
    def is_demo(self) -> bool:
        """Whether no model is connected: the built-in one answers."""
        return not self.api_key.get_secret_value() and not self.base_url

    @property
    def model_address(self) -> str:
        """The base URL for ChatOpenAI. Yandex's native address (the seed's) speaks another dialect and is corrected."""
        if not self.base_url or self.base_url.endswith("/foundationModels/v1"):
            return YANDEX_BASE_URL
        return self.base_url

    @property
    def model(self) -> str:
        return self.llm_model or "yandexgpt-lite/latest"

    @property
    def models(self) -> list[str]:
        """What a person may choose from for a dialog, the one of the settings first."""
        others = (name.strip() for name in self.llm_models.split(","))
        return list(dict.fromkeys([self.model, *(name for name in others if name)]))


def load_settings() -> Settings:
    """Read `.env` and the environment; raises `BadSetting` with one line that names the variable."""
    try:
        return Settings()
    except ValidationError as error:
        raise BadSetting(_in_one_line(error)) from error
    except UnicodeDecodeError as error:
        raise BadSetting(".env: is not saved as UTF-8") from error


def warnings_about(settings: Settings) -> list[str]:
    """What works but probably not as meant; each one line for the log."""
    if settings.base_url.endswith("/foundationModels/v1"):
        return [f"BASE_URL is Yandex's native API, which speaks another dialect; {YANDEX_BASE_URL} is used instead."]
    return []


def signing_secret(settings: Settings) -> str:
    """`JWT_SECRET`, or a random one made once and kept in the data folder, readable by its owner only."""
    given = settings.jwt_secret.get_secret_value()
    if given:
        return given
    file = settings.data_dir / "jwt_secret"
    if not file.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        _write_once(file, secrets.token_urlsafe(48))
    return file.read_text()


def _write_once(file: Path, text: str) -> None:
    """Two servers starting together must end with one secret: the first whole file to be linked stays."""
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    with suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()


def _in_one_line(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    name = str(first["loc"][0]).upper() if first["loc"] else ""
    reason = first["msg"].removeprefix("Value error, ")
    reason = reason[0].lower() + reason[1:] if name else reason
    return f"{name}: {reason}" if name else reason
