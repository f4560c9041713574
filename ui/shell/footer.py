"""Footer below every page but a chat: links to the rules, the privacy policy and the contact."""

from __future__ import annotations

from html import escape

from domain.language import N_, Texts

SITE_PAGES = {"/rules": N_("Rules"), "/privacy": N_("Privacy"), "/contact": N_("Contact")}
"""Address and name of each page about the site itself. Everybody may read them, even blocked people."""
ALWAYS_OPEN = tuple(SITE_PAGES)


def footer_html(_: Texts) -> str:
    """The footer as one piece of HTML: as elements it would be ten of them on each page."""
    links = "".join(f'<a href="{address}">{escape(_(name))}</a>' for address, name in SITE_PAGES.items())
    label = escape(_("About this site"))
    said = escape(_("Characters are fictional; a neural network writes their replies."))
    return f'<p>{said}</p><nav aria-label="{label}">{links}</nav>'
