"""Context windows of the models: how much a model can read at once, and how much of that a conversation may take."""

from __future__ import annotations

from math import ceil

from domain.llm.port import Prompt

CHARACTERS_A_TOKEN = 3
"""Estimated characters per token of Russian, on any of the models (Yandex: 4.5 to 5.8; Qwen: 2.8, which `MARGIN`
covers).
"""

YANDEX_WINDOW = 32_768
"""Context window, in tokens, of Yandex AI Studio's models that are not listed below."""
UNKNOWN_WINDOW = 4_096
"""Context window, in tokens, assumed for a model of another server until it is known: the usual one of llama.cpp and
Ollama. A larger guess would lose the beginning of each prompt, which is the character.
"""

WINDOWS = {
    "aliceai-llm": 131_072,
    "aliceai-llm-flash": 65_536,
    "deepseek-v4-flash": 1_048_576,
    "qwen3-235b-a22b-fp8": 262_144,
    "qwen3.6-35b-a3b": 262_144,
    "gpt-oss-120b": 131_072,
    "gpt-oss-20b": 131_072,
    "gemma-3-27b-it": 131_072,
}
"""Context windows, in tokens, of the models that differ from the rest (the models page of Yandex AI Studio, autumn
2026).
"""

LARGEST_PROMPT = 100_000
"""Maximum tokens that we send, whatever the window: more would cost more than it helps."""
MARGIN = 0.1
"""Safety margin, a share of the window: our token count is an estimate."""


REPLY_SHARE = 1 / 3
"""The largest share of a window that a reply may take: in a small one it must leave room for the character."""


def known_window(model: str, *, at_yandex: bool) -> int:
    """Context window in tokens, by the model's name."""
    return WINDOWS.get(model.removesuffix("/latest"), YANDEX_WINDOW if at_yandex else UNKNOWN_WINDOW)


def longest_reply(window: int, wanted: int) -> int:
    """Maximum tokens of a reply in such a window."""
    return min(wanted, int(window * REPLY_SHARE))


def prompt_characters(window: int, reply_tokens: int, characters_a_token: float = CHARACTERS_A_TOKEN) -> int:
    """Maximum characters of a prompt that leaves room for a reply of so many tokens."""
    return int(min(window * (1 - MARGIN) - reply_tokens, LARGEST_PROMPT) * characters_a_token)


def tokens_of(text: str) -> int:
    """Estimated tokens of a text, by the same ratio."""
    return ceil(len(text) / CHARACTERS_A_TOKEN)


def prompt_length(prompt: Prompt) -> int:
    """Length of a prompt in characters."""
    return sum(len(message.text) for message in prompt.messages)


def estimated_tokens(prompt: Prompt) -> int:
    return prompt_length(prompt) // CHARACTERS_A_TOKEN
