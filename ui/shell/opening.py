"""Opening: what stands in a page's place until its scripts have come, or says why they never will.

In the reader's language, instead of the framework's own line, which told every browser with a slow connection, and each
without JavaScript, that it was too old (assets/css/beseda.css hides it).
"""

from __future__ import annotations

import json
from html import escape

from domain.language import Texts

OLD_BROWSER_SCRIPT = """<script>addEventListener("load", function () {
  var line = document.querySelector(".page-opening")
  var supports = HTMLScriptElement.supports
  if (!line || (supports && supports("importmap"))) return
  line.className += " too-old"
  line.textContent = %s
})</script>"""
"""Tells people that their browser is too old, in syntax that browsers from before 2017 understand. Once the page is
loaded the line is gone wherever the scripts could start. Without import maps (Chrome 89, Firefox 108, Safari 16.4) they
cannot; FAULT_SCRIPT reports everything else.
"""
BEGIN_SCRIPT = """
  document.querySelector(".page-opening")?.remove()
"""
"""Added to the framework's startup script: a moment later the page replaces the line."""


def opening_html(_: Texts) -> str:
    off, too_old = _("Turn on JavaScript to use Beseda."), _("Your browser is too old for Beseda. Please update it.")
    return (
        f'<p class="page-opening" role="status">{escape(_("Loading…"))}</p>'
        "<noscript><style>.page-opening[role] { display: none }</style>"
        f'<p class="page-opening">{escape(off)}</p></noscript>'
    ) + OLD_BROWSER_SCRIPT % json.dumps(too_old)
