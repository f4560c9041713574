"""Context window: how much of it a prompt may fill, at an estimate of three characters a token."""

from __future__ import annotations

import pytest

from domain.llm.token_estimates import (
    CHARACTERS_A_TOKEN,
    LARGEST_PROMPT,
    UNKNOWN_WINDOW,
    WINDOWS,
    YANDEX_WINDOW,
    known_window,
    longest_reply,
    prompt_characters,
    tokens_of,
)


def test_a_tenth_of_the_window_is_left_free_beside_the_reply() -> None:
    assert prompt_characters(10_000, reply_tokens=1_000) == (9_000 - 1_000) * CHARACTERS_A_TOKEN


def test_a_known_model_has_its_own_window_and_any_other_the_usual_one_of_where_it_runs() -> None:
    known = next(iter(WINDOWS))
    for name in (known, f"{known}/latest"):
        assert known_window(name, at_yandex=True) == WINDOWS[known]
    assert known_window("nobody has heard of it", at_yandex=True) == YANDEX_WINDOW
    assert known_window("qwen3:8b", at_yandex=False) == UNKNOWN_WINDOW


def test_in_a_small_window_a_reply_leaves_room_for_the_character() -> None:
    assert longest_reply(2_048, 1_500) == 682
    assert longest_reply(32_768, 1_500) == 1_500


def test_however_large_a_window_is_only_so_much_is_sent() -> None:
    assert prompt_characters(10**7, 1_000) == LARGEST_PROMPT * CHARACTERS_A_TOKEN


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("а", 1), ("абв", 1), ("абвг", 2)])
def test_a_token_that_is_begun_counts(text: str, tokens: int) -> None:
    assert tokens_of(text) == tokens
