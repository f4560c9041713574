"""Text sanitising: invisible and control characters (Unicode)."""

from __future__ import annotations

import pytest

from domain.text import SurrogateJoiner, cleaned, without_controls


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("\x1b]0;title\x07 \x9b31m", "]0;title 31m"),
        ("a\u202eb\u2066c\u2069\u202c", "abc"),
        ("line\r\nline\u2028\tend", "line\nline\tend"),
        *((kept, kept) for kept in ("👩\u200d🚀 ❤\ufe0f", "می\u200cخواهم", "א\u200f!", "мягкий\u00adперенос")),
        ("half \ud83d of a sign", "half  of a sign"),
    ],
)
def test_what_is_obeyed_goes_and_what_scripts_and_emoji_need_stays(text: str, kept: str) -> None:
    assert without_controls(text) == kept


@pytest.mark.parametrize(
    ("pieces", "whole"),
    [
        (["Машу \ud83d", "\udc4b тебе."], "Машу 👋 тебе."),
        (["\ud83d", "", "\udc4b", "\ud83d\udc4b"], "👋👋"),
        (["👋", "👋"], "👋👋"),
    ],
)
def test_a_sign_that_comes_in_two_halves_is_one(pieces: list[str], whole: str) -> None:
    rejoined = SurrogateJoiner()
    assert "".join(rejoined.feed(piece) for piece in pieces) == whole


def test_a_text_far_too_long_is_not_even_looked_at() -> None:
    def never(_text: str) -> str:
        raise AssertionError

    assert cleaned("я" * 21, 10, never) == "я" * 21
    assert cleaned(" я ", 10, str.strip) == "я"
