"""What the browser's own bar is painted with is the paper of the pages."""

from __future__ import annotations

import re
from pathlib import Path

from ui.theme import PAPER

SHEETS = Path(__file__).parents[2] / "assets" / "css"


def test_the_browsers_bar_has_the_colour_of_the_paper() -> None:
    css = "".join(path.read_text("utf-8") for path in SHEETS.rglob("*.css"))
    (said,) = re.findall(r"--paper:\s*light-dark\((#\w+),\s*(#\w+)\)", css)
    assert said == (PAPER["light"].lower(), PAPER["dark"].lower())
