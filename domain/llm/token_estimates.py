"""Context windows of the models: how much a model can read at once, and how much of that a conversation may take."""

from __future__ import annotations

from math import ceil

from domain.llm.port import Prompt

CHARACTERS_A_TOKEN = 3
"""Characters per token, a safe estimate for Russian on any of the models (Yandex: 4.5 to 5.8, Qwen: 2.8)."""

DEFAULT_WINDOW = 32_768

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
"""Context windows in tokens of the models that differ from the rest (Yandex AI Studio, its models page, autumn
2026).
"""

LARGEST_PROMPT = 100_000
"""Maximum tokens that we send, whatever the window: more would cost more than it helps."""
MARGIN = 0.1
"""Safety margin, a share of the window: our token count is an estimate."""


def window_of(model: str, window: int = 0) -> int:
    """Tokens that the model reads at once: `window` if it is set, else what is known of it by its name."""
    return window or WINDOWS.get(model.removesuffix("/latest"), DEFAULT_WINDOW)


def prompt_characters(model: str, reply_tokens: int, window: int = 0) -> int:
    """Maximum characters of a prompt. `window` in tokens, 0: the known one of the model."""
    tokens = window_of(model, window)
    return int(min(tokens * (1 - MARGIN) - reply_tokens, LARGEST_PROMPT)) * CHARACTERS_A_TOKEN


def tokens_of(text: str) -> int:
    """Estimated tokens of a text, by the same ratio."""
    return ceil(len(text) / CHARACTERS_A_TOKEN)


def estimated_tokens(prompt: Prompt) -> int:
    return sum(len(message.text) for message in prompt.messages) // CHARACTERS_A_TOKEN
