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
"""In words that browsers of before 2017 understand. By the end of loading the line is gone where the scripts could
begin; without import maps they cannot (Chrome 89, Firefox 108, Safari 16.4), and everything else FAULT_SCRIPT tells.
"""
BEGIN_SCRIPT = """
  document.querySelector(".page-opening")?.remove()
"""
"""For the framework's start: in the next moment the page stands there."""


def opening_html(_: Texts) -> str:
    off, too_old = _("Turn on JavaScript to use Beseda."), _("Your browser is too old for Beseda. Please update it.")
    return (
        f'<p class="page-opening" role="status">{escape(_("Loading…"))}</p>'
        "<noscript><style>.page-opening[role] { display: none }</style>"
        f'<p class="page-opening">{escape(off)}</p></noscript>'
    ) + OLD_BROWSER_SCRIPT % json.dumps(too_old)
