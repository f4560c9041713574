from __future__ import annotations

from pathlib import Path

from ui.theme import ADMIN_STYLES, STYLES, style_files, style_sheet

ROOT = Path(__file__).parents[2]


def test_every_style_sheet_is_loaded_by_the_pages_or_by_those_of_the_admins() -> None:
    loaded = style_sheet(STYLES) + style_sheet(ADMIN_STYLES)
    lying = [path for folder in ("assets/css", "ui") for path in (ROOT / folder).rglob("*.css")]
    assert [str(path) for path in lying if path.read_text("utf-8") not in loaded] == []
    assert len(style_files()) == len(lying), "two sheets of one name"
