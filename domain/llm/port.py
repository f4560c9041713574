"""What Beseda asks of a language model: one method.

A prompt goes in; pieces of text come out, and after the last piece exactly one `Ending`. Whatever goes wrong is raised
as a `ModelFault` (domain/llm/faults.py), before or between the pieces. Closing the generator closes the connection
upstream, so whoever iterates wraps it in `contextlib.aclosing`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

ASIDE = "(Указание автора, собеседник его не видит: "
"""How a remark begins that ends a person's message in a prompt and is not theirs."""


class Role(StrEnum):
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True)
class PromptMessage:
    role: Role
    text: str


@dataclass(frozen=True)
class Persona:
    """The character as plain facts, for a model that cannot read prose (the demo model)."""

    name: str
    gender: str = ""
    bio: str = ""
    interests: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prompt:
    """What the model is asked: one system message first, then user and assistant in turn, the person's words last."""

    messages: tuple[PromptMessage, ...]
    persona: Persona = field(default_factory=lambda: Persona(name=""))
    model: str = ""  # as the person chose it for this dialog; "" leaves it to the settings
    temperature: float | None = None  # 0..1; None leaves it to the settings
    longest: int | None = None  # tokens of the reply; the settings' own limit stays above it


class Outcome(StrEnum):
    DONE = "done"  # the model finished by itself
    LENGTH = "length"  # it ran into its limit: the text is whole sentences short of an end
    FILTERED = "filtered"  # the provider's content filter spoke instead of the character


@dataclass(frozen=True)
class Ending:
    """How a reply ended.

    `replacement` is set with FILTERED: the provider's text, to be shown *instead of* what came before it. Token counts
    are None where the provider gives none (YandexGPT streams: facts of November 2026).
    """

    outcome: Outcome
    replacement: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None


class LanguageModel(Protocol):
    @property
    def name(self) -> str:
        """What is kept with each reply, such as `yandexgpt-lite/latest`; never holds a folder id or key."""

    @property
    def is_demo(self) -> bool:
        """Whether the chat must say that nobody clever is answering."""

    def reply(self, prompt: Prompt) -> AsyncGenerator[str | Ending]:
        """Stream the answer: pieces of text, then one `Ending`; raises `ModelFault`."""
