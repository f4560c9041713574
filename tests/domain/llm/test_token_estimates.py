"""Context window: how much of it a prompt may fill, at an estimate of three characters a token."""

from __future__ import annotations

import pytest

from domain.llm.token_estimates import (
    CHARACTERS_A_TOKEN,
    DEFAULT_WINDOW,
    LARGEST_PROMPT,
    WINDOWS,
    prompt_characters,
    tokens_of,
)


def test_a_tenth_of_the_window_is_left_free_beside_the_reply() -> None:
    assert prompt_characters("anything", reply_tokens=1_000, window=10_000) == (9_000 - 1_000) * CHARACTERS_A_TOKEN


def test_a_known_model_has_its_own_window_and_any_other_the_usual_one() -> None:
    known = next(name for name, tokens in WINDOWS.items() if tokens * 0.9 < LARGEST_PROMPT)
    for name in (known, f"{known}/latest"):
        assert prompt_characters(name, 0) == int(WINDOWS[known] * 0.9) * CHARACTERS_A_TOKEN
    assert prompt_characters("nobody has heard of it", 0) == int(DEFAULT_WINDOW * 0.9) * CHARACTERS_A_TOKEN


def test_however_large_a_window_is_only_so_much_is_sent() -> None:
    assert prompt_characters("anything", 1_000, 10**7) == LARGEST_PROMPT * CHARACTERS_A_TOKEN


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("а", 1), ("абв", 1), ("абвг", 2)])
def test_a_token_that_is_begun_counts(text: str, tokens: int) -> None:
    assert tokens_of(text) == tokens
