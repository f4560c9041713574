"""Settings of the language model: which one replies, how long to wait for it, and what it may cost."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

from domain.addresses.model_address import YANDEX_BASE_URL, api_address
from domain.prices import Prices, read_prices
from domain.rate_limits import REPLIES_AT_ONCE
from domain.settings.request_extras import RequestExtras, read_extras
from domain.settings.setting_types import HeaderText, Key, ModelAddress, PriceList, RequestExtrasText, listed

PROMPT_TOKENS, SHORTEST_PROMPT = 8_000, 2_000
"""Estimated tokens: the default of LLM_PROMPT, and the minimum of any prompt, which leaves room for a talk."""


class ModelSettings(BaseSettings):
    api_key: Key = SecretStr("")
    folder_id: HeaderText = ""
    base_url: ModelAddress = ""
    llm_model: str = Field("", validation_alias=AliasChoices("LLM_MODEL", "MODEL"))
    temperature: Annotated[float, Field(ge=0, le=1)] = 0.6
    llm_concurrency: Annotated[int, Field(ge=1, le=1000)] = 10
    replies_at_once: Annotated[int, Field(ge=1, le=1000)] = REPLIES_AT_ONCE
    llm_max_reply_tokens: Annotated[int, Field(ge=16, le=32000)] = 1500
    llm_prompt: Annotated[int, Field(ge=SHORTEST_PROMPT, le=10_000_000)] = PROMPT_TOKENS
    llm_window: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    llm_first_timeout: Annotated[float, Field(ge=0, le=3600)] = 0
    llm_silence_timeout: Annotated[float, Field(ge=0, le=3600)] = 0
    llm_reply_timeout: Annotated[float, Field(ge=0, le=7200)] = 0
    llm_extra: RequestExtrasText = SecretStr("")  # its headers may hold a key
    llm_check_at_start: bool = True
    keep_thoughts: bool = False
    llm_models: str = ""
    llm_embeddings: str = ""  # one model, or two: for the texts that are searched, and for the questions
    llm_memory_model: str = ""  # empty: the model of the replies
    llm_prices: PriceList = ""
    daily_tokens: Annotated[int, Field(ge=0, le=1_000_000_000)] = 0
    demo_pause: Annotated[float, Field(ge=0, le=5)] = 0.12
    trial_messages: Annotated[int, Field(ge=0, le=100)] = 3  # before signing up; 0: none

    @model_validator(mode="after")
    def _model_can_be_reached(self) -> Self:
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
    def embedding_models(self) -> tuple[str, str] | None:
        """The models for texts and for questions; None: recall by words only."""
        names = listed(self.llm_embeddings)
        return (names[0], names[-1]) if names and not self.is_demo else None

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
