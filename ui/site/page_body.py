"""Page body: the Markdown of a page about the site; its headings are real ones, which a bubble has no use for."""

from __future__ import annotations

import re

from nicegui import ui

from ui.chat.markdown.to_html import to_html
from ui.widgets.heading import Heading

HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)


def page_body(text: str) -> None:
    """Lay it out, a section after each heading."""
    first, *rest = HEADING.split(text)
    _section(first)
    for title, section in zip(rest[::2], rest[1::2], strict=True):
        Heading(title, level=2)
        _section(section)


def _section(text: str) -> None:
    if html := to_html(text):
        ui.html(html, sanitize=False).classes("prose")  # to_html has cleaned it
