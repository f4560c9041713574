"""Deciding lines: decorators at the top of an entry's text that decide fields of its form, as the author is told."""

from __future__ import annotations

import pytest

from domain.books.decorators import deciding_lines


@pytest.mark.parametrize(
    ("content", "decided"),
    [
        ("Лес.", {}),
        ("Лес.\n@@depth 2", {}),
        ("@@depth 2\nЛес.", {"place": "@@depth 2"}),
        ("@@depth 2\n@@position after_desc\nЛес.", {"place": "@@position after_desc"}),
        ("@@unheard of\n@@@depth 2\nЛес.", {"place": "@@@depth 2"}),
        ("@@depth 1\n@@@depth 2\nЛес.", {"place": "@@depth 1"}),
        ("@@depth much\nЛес.", {}),
        ("@@position on_the_moon\n@@ROLE Assistant\nЛес.", {"role": "@@ROLE Assistant"}),
        ("@@scan_depth 7\n\n  @@activate\nЛес.", {"scan_depth": "@@scan_depth 7", "is_constant": "@@activate"}),
        ("@@dont_activate\n@@activate\nЛес.", {"is_constant": "@@activate"}),
        ("@@is_greeting 1\n@@additional_keys кот\nЛес.", {}),
    ],
)
def test_the_line_that_decides(content: str, decided: dict[str, str]) -> None:
    assert deciding_lines(content) == decided
