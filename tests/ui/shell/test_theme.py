"""Style sheets: all are loaded, and the browser's own bar has the colour of the pages' paper."""

from __future__ import annotations

import re
from pathlib import Path

from domain.mail.letters import Button, written
from domain.pictures import link_preview_drawing as preview
from ui.shell.theme import ADMIN_STYLES, PAPER, STYLES, style_files, style_sheet

ROOT = Path(__file__).parents[3]


def token(name: str) -> tuple[str, str]:
    """Its colours, light and dark."""
    ((light, dark),) = re.findall(rf"--{name}:\s*light-dark\((#\w+),\s*(#\w+)\)", style_sheet(STYLES))
    return light, dark


def test_the_browsers_bar_has_the_colour_of_the_paper() -> None:
    assert token("paper") == (PAPER["light"].lower(), PAPER["dark"].lower())


def test_what_has_no_style_sheet_has_the_colours_of_the_pages() -> None:
    drawn = {"paper": preview.PAPER, "ink": preview.INK, "muted": preview.MUTED, "accent": preview.ACCENT}
    assert {name: colour.lower() for name, colour in drawn.items()} == {name: token(name)[1] for name in drawn}
    assert f"background: {token('accent')[0]};" in written("ira@x.test", "", Button("Open", "https://x.test")).html


def test_every_style_sheet_is_loaded_by_the_pages_or_by_those_of_the_admins() -> None:
    loaded = style_sheet(STYLES) + style_sheet(ADMIN_STYLES)
    lying = [path for folder in ("assets/css", "ui") for path in (ROOT / folder).rglob("*.css")]
    assert [str(path) for path in lying if path.read_text("utf-8") not in loaded] == []
    assert len(style_files()) == len(lying), "two sheets of one name"
