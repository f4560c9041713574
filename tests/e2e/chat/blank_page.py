"""Blank page: our scripts and styles in a browser without a product, for what one part of a page does by itself."""

from __future__ import annotations

import json
import mimetypes
from pathlib import Path

import nicegui
from playwright.sync_api import Browser, Page, Route

import ui
from ui.shell.theme import STYLES, style_sheet

UI = Path(ui.__path__[0])
SCRIPTS = {path.stem: path for path in UI.rglob("*.js")}
VUE = Path(nicegui.__path__[0]) / "static" / "vue.esm-browser.prod.js"
ADDRESS = "http://localhost:1/"  # nobody listens there; the browser is answered by `_answer`
PAGE = f"""<!doctype html><html lang="ru"><meta charset="utf-8"><link rel="stylesheet" href="{STYLES}">
<script type="importmap">{json.dumps({"imports": {name: f"/{name}.js" for name in [*SCRIPTS, "vue"]}})}</script>
<body><div id="stage"></div>"""


def open_blank(browser: Browser, *, touch: bool = False) -> Page:
    page = browser.new_context(has_touch=touch, is_mobile=touch).new_page()
    page.route(ADDRESS + "**", _answer)
    page.goto(ADDRESS)
    return page


def _answer(route: Route) -> None:
    name = route.request.url.removeprefix(ADDRESS)
    if not name:
        route.fulfill(body=PAGE, content_type="text/html")
    elif name == STYLES.removeprefix("/"):
        route.fulfill(body=style_sheet(STYLES), content_type="text/css")
    else:
        script = VUE if name == "vue.js" else SCRIPTS[Path(name).stem]
        route.fulfill(body=script.read_text("utf-8"), content_type=mimetypes.types_map[".js"])
