"""Wrong base path: a page that a proxy serves below one (/beseda/) finds none of its styles and scripts and says so."""

from __future__ import annotations

import json

from domain.language import Texts

SCRIPT = """<script>(([path, words]) => {
  try {
    const here = decodeURIComponent(location.pathname)
    if (here.length === path.length || !here.endsWith(path)) return
    addEventListener("DOMContentLoaded", () => { document.body.textContent = words })
  } catch {}
})(%s)</script>"""


def below_path_script(_: Texts, path: str) -> str:
    """Script for the head of the page at `path`, at which people who set up a proxy look first."""
    words = _(
        "Beseda does not work under a path. If the server is yours, give it a (sub)domain of its own (README, “Behind "
        "a proxy”)."
    )
    return SCRIPT % json.dumps([path, words], ensure_ascii=False).replace("<", r"\u003c")
