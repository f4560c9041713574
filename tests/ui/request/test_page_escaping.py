"""Escaping of what a page is made of: the same as NiceGUI's own, sooner."""

from __future__ import annotations

from nicegui import json
from nicegui.client import HTML_ESCAPE_TABLE

from ui.request.page_escaping import PageText


def test_a_page_reads_letter_for_letter_as_nicegui_would_write_it() -> None:
    text = json.dumps({"text": "Я & <b>«ты»</b> за $5 — `так`, &amp; &#36; тоже", "emoji": "🙂"})
    assert PageText(text).translate(HTML_ESCAPE_TABLE) == text.translate(HTML_ESCAPE_TABLE)
