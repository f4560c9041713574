"""Agreement: what somebody who signs up accepts, with links to the pages that say it."""

from __future__ import annotations

from html import escape

from nicegui import ui

from domain.language import Texts


def agreement(_: Texts) -> None:
    """One line below the form. The links open beside it: what was typed stays."""
    line = escape(_("By signing up you accept {rules}. Also see {privacy}."))
    for place, address, words in (
        ("{rules}", "/rules", _("the rules")),
        ("{privacy}", "/privacy", _("what we store about you")),
    ):
        line = line.replace(place, f'<a href="{address}" target="_blank">{escape(words)}</a>')
    ui.html(line, sanitize=False, tag="p").classes("muted")
