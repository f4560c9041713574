"""Language model interface (port): one method, which streams a reply.

A prompt goes in; chunks of text come out, with signs of life between them, and after the last one exactly one `Ending`.
Every error is raised as a `ModelFault` (domain/llm/faults.py), before or between the chunks. Closing the generator
closes the connection upstream, so callers wrap it in `contextlib.aclosing`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Protocol

ASIDE = "(Указание автора, собеседник его не видит: "
"""Beginning of an instruction that is appended to a user's message in a prompt and is not the user's."""
RECALLED = "(Из прошлого разговора, дословно. "
"""Beginning of what was said long ago, which is appended to a user's message in a prompt, before the instruction."""
NOTE, NOTE_ENDS = "(Из книги знаний, собеседник этого не видит: ", " — конец записи)"
"""Beginning and end of a lorebook entry that stands in a user's message in a prompt and is not the user's."""
GO_ON = "(Продолжи свою последнюю реплику ровно с того места, где она оборвалась. Не повторяй сказанного.)"
"""Stands for the user's message where the character is to continue a reply that was cut off."""


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
    """The character as structured facts, for a model that cannot read prose (the demo model). Its texts are as the
    author wrote them: macros are not filled in.
    """

    name: str
    gender: str = ""
    bio: str = ""
    interests: tuple[str, ...] = ()
    starter: str = ""  # slug of a starter character; "" for all others
    language: str = ""
    teaser: str = ""
    context: str = ""
    personality: str = ""
    scenario: str = ""
    greeting: str = ""  # the one with which this dialog began
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Interlocutor:
    """The person that the character talks with, as their profile states it; "" is unstated."""

    name: str = ""
    gender: str = ""
    form_of_address: str = ""


@dataclass(frozen=True)
class Prompt:
    """The prompt: one system message first, then user and assistant alternating, the user's message last."""

    messages: tuple[PromptMessage, ...]
    persona: Persona = field(default_factory=lambda: Persona(name=""))
    interlocutor: Interlocutor = field(default_factory=Interlocutor)
    memory: tuple[str, ...] = ()  # facts and recalled words, for a model that cannot read prose
    lore: tuple[str, ...] = ()  # the entries of lorebooks that fired, for a model that cannot read prose
    others: tuple[str, ...] = ()  # the other replies to the same message, for a model that chooses among its sentences
    model: str = ""  # as chosen for this dialog; "" uses the settings
    temperature: float | None = None  # 0..1; None uses the settings
    share: float = 1.0  # of the window, for prompt and reply: smaller after a refusal that may be due to their length
    longest: int | None = None  # maximum tokens of the reply; the settings' own limit still applies


class Outcome(StrEnum):
    DONE = "done"  # the model finished on its own
    LENGTH = "length"  # it reached its token limit: the text is incomplete
    FILTERED = "filtered"  # the provider's content filter answered instead of the character


@dataclass(frozen=True)
class Ending:
    """The end of a reply.

    `replacement` is set with FILTERED: the provider's text, to be shown *instead of* the preceding text. Token counts
    are None if the provider sends none (YandexGPT streams, as of November 2026).
    """

    outcome: Outcome
    replacement: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    thoughts: str = ""
    """The model's thoughts, which are not part of the reply."""


class Sign(Enum):
    """Signal between the chunks of a reply."""

    ALIVE = "the server sent something"
    THINKING = "the model is thinking"
    TAKEN_BACK = "the text so far was not the reply but thoughts: the reply begins anew"


class LanguageModel(Protocol):
    @property
    def name(self) -> str:
        """The model name stored with each reply, such as `yandexgpt-lite/latest`; never contains a folder id or key."""

    @property
    def is_demo(self) -> bool:
        """Whether the chat must state that no real model is answering."""

    def room(self, model: str = "") -> int:
        """Maximum characters of a prompt for this model ("" is the default one)."""

    def reply(self, prompt: Prompt) -> AsyncGenerator[str | Sign | Ending]:
        """Stream the reply: chunks of text and signs, then one `Ending`; raises `ModelFault`."""
