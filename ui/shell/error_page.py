"""Error pages: for whatever is refused or broken. Plain HTML: a NiceGUI page would keep a client in memory for each."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from nicegui import __version__

from domain.language import N_, Texts
from ui.request.assets import asset
from ui.request.visitor import Preferences
from ui.shell.footer import footer_html
from ui.shell.theme import head_html

TITLES = {
    403: N_("Not allowed"),
    404: N_("Not found"),
    413: N_("Too large"),
    429: N_("Too many requests"),
    503: N_("Not right now"),
    507: N_("Not right now"),
}
OTHERWISE = N_("That didn't work")
FONT = f'<link rel="stylesheet" href="/_nicegui/{__version__}/static/fonts.css">'
"""Link to the font of the other pages, which NiceGUI adds to those."""


@dataclass(frozen=True)
class WayOut:
    """A link that may help, before the one to the gallery: its words, in the reader's language, and its address."""

    words: str
    address: str


def error_page(
    reading: Preferences,
    status: int,
    sentence: str,
    more: WayOut | None = None,
    *,
    title: str = "",
    below: str = "",
) -> str:
    """Page for any refusal of an address opened in a browser; the sentence is in the reader's language.

    `title` says more than the status does, `below` is HTML that follows the ways out.
    """
    _ = Texts(reading.language)
    title = escape(title or _(TITLES.get(status, OTHERWISE)))
    links = [*([more] if more else []), WayOut(_("Go to the gallery"), "/")]
    ways_out = "\n".join(
        f'<p><a class="button-link" href="{each.address}">{escape(each.words)}</a></p>' for each in links
    )
    return f"""<!doctype html><html lang="{reading.language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
{FONT}{head_html(reading.theme, reading.text_size)}</head><body class="plain-page">{_header(_)}
<main class="sheet empty" id="content"><h1 class="title">{title}</h1>
<p class="lead">{escape(sentence)}</p>
{ways_out}{below}</main><footer class="frame-footer">{footer_html(_)}</footer></body></html>"""


def _header(_: Texts) -> str:
    """The frame of the other pages, as far as it needs neither script nor database; the search leads to the gallery."""
    skip, brand = escape(_("Skip to content")), escape(_("Beseda"))
    search, example = escape(_("Search the gallery")), escape(_("Name, interest or word"))
    return f"""<header class="frame-header"><a class="skip-link" href="#content">{skip}</a>
<a class="brand" href="/"><img class="brand-mark" src="{asset("icons/logo.svg")}" alt="" width="30" height="30">
<span class="brand-name">{brand}</span></a>
<form class="plain-search" action="/" role="search"><input class="filter-field" type="search" name="q" maxlength="100"
aria-label="{search}" placeholder="{example}"></form></header>"""
