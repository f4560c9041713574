"""Agreement: the rules that somebody who signs up accepts, with links to their pages."""

from __future__ import annotations

from html import escape

from nicegui import ui

from domain.language import Texts


def agreement(_: Texts) -> None:
    """One line below the form. The links open in a new tab, so what was typed stays."""
    line = escape(_("By signing up you accept {rules}. Also see {privacy}."))
    for place, address, words in (
        ("{rules}", "/rules", _("the rules")),
        ("{privacy}", "/privacy", _("what we store about you")),
    ):
        line = line.replace(place, f'<a href="{address}" target="_blank">{escape(words)}</a>')
    ui.html(line, sanitize=False, tag="p").classes("muted")
