"""Style sheets: all are loaded, and the browser's own bar has the colour of the pages' paper."""

from __future__ import annotations

import re
from pathlib import Path

from ui.shell.theme import ADMIN_STYLES, PAPER, STYLES, style_files, style_sheet

ROOT = Path(__file__).parents[3]


def test_the_browsers_bar_has_the_colour_of_the_paper() -> None:
    (said,) = re.findall(r"--paper:\s*light-dark\((#\w+),\s*(#\w+)\)", style_sheet(STYLES))
    assert said == (PAPER["light"].lower(), PAPER["dark"].lower())


def test_every_style_sheet_is_loaded_by_the_pages_or_by_those_of_the_admins() -> None:
    loaded = style_sheet(STYLES) + style_sheet(ADMIN_STYLES)
    lying = [path for folder in ("assets/css", "ui") for path in (ROOT / folder).rglob("*.css")]
    assert [str(path) for path in lying if path.read_text("utf-8") not in loaded] == []
    assert len(style_files()) == len(lying), "two sheets of one name"
