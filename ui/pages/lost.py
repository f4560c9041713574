"""The page for addresses that lead nowhere. Plain HTML: a NiceGUI page would keep a client in memory for each."""

from __future__ import annotations

from html import escape

from domain.language import Texts
from ui.theme import head_html
from ui.visitor import Preferences


def lost_page(reading: Preferences, sentence: str = "") -> str:
    _ = Texts(reading.language)
    title, way_out = escape(_("Not found")), escape(_("To the gallery"))
    sentence = sentence or _("There is nothing at this address. Perhaps it was deleted, or it is private.")
    return f"""<!doctype html><html lang="{reading.language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
{head_html(reading.theme)}</head><body><main class="sheet empty"><h1 class="title">{title}</h1>
<p class="lead">{escape(sentence)}</p>
<p><a class="button-link" href="/">{way_out}</a></p></main></body></html>"""
