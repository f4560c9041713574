"""Error pages: for whatever is refused or broken. Plain HTML: a NiceGUI page would keep a client in memory for each."""

from __future__ import annotations

from html import escape

from domain.language import N_, Texts
from ui.request.visitor import Preferences
from ui.shell.theme import head_html

TITLES = {
    403: N_("Not allowed"),
    404: N_("Not found"),
    413: N_("Too large"),
    429: N_("Too many requests"),
    503: N_("Not right now"),
    507: N_("Not right now"),
}
OTHERWISE = N_("That did not work")


def error_page(reading: Preferences, status: int, sentence: str, more: tuple[str, str] | None = None) -> str:
    """For any refusal of an address opened in a browser; the sentence is in the reader's language.

    `more` is a link that may help, before the one to the gallery: its text, in the same language, and its address.
    """
    _ = Texts(reading.language)
    title = escape(_(TITLES.get(status, OTHERWISE)))
    links = [*([more] if more else []), (_("To the gallery"), "/")]
    ways_out = "\n".join(f'<p><a class="button-link" href="{to}">{escape(words)}</a></p>' for words, to in links)
    return f"""<!doctype html><html lang="{reading.language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
{head_html(reading.theme, reading.text_size)}</head><body><main class="sheet empty"><h1 class="title">{title}</h1>
<p class="lead">{escape(sentence)}</p>
{ways_out}</main></body></html>"""
