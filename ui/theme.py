"""What every page says in its head: the look, before anything is painted.

Colours and measures are CSS custom properties at the top of assets/css/beseda.css; Quasar's own follow them there,
and pages.css holds what single pages need beside it.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from ui.assets import asset

STYLES = "/styles.css"
_CSS = Path(__file__).parent.parent / "assets" / "css"
_SHEETS = (
    "beseda.css",
    "chat.css",
    "dialogs.css",
    "pages.css",
    "gallery.css",
    "editor.css",
    "profile.css",
    "announcements.css",
    "moderation.css",
)
PAPER = {"light": "#FAF7F2", "dark": "#16130F"}  # what the browser's own bar is painted with


def head_html(theme: str) -> str:
    """The head of a page shown in `theme`, one of `ui.visitor.THEMES`."""
    return "\n".join(
        (
            f"<script>{theme_script(theme)}</script>",
            f'<link rel="stylesheet" href="{style_sheet_address()}">',
            *_theme_colors(theme),
            f'<link rel="apple-touch-icon" href="{asset("icons/apple-touch-icon.png")}">',
            '<link rel="manifest" href="/manifest.webmanifest">',
        )
    )


@cache
def sheet_html(sheet: str) -> str:
    """What loads one of assets/css, for pages that need more than all do."""
    return f'<link rel="stylesheet" href="{asset(f"css/{sheet}")}">'


def theme_script(theme: str) -> str:
    """JavaScript that puts the page into `theme`, at once and without a reload."""
    if theme in ("light", "dark"):
        return f'document.documentElement.dataset.theme="{theme}";'
    return "delete document.documentElement.dataset.theme;"


def _theme_colors(theme: str) -> list[str]:
    if theme in PAPER:
        return [f'<meta name="theme-color" content="{PAPER[theme]}">']
    return [
        f'<meta name="theme-color" media="(prefers-color-scheme: {scheme})" content="{color}">'
        for scheme, color in PAPER.items()
    ]


@cache
def style_sheet() -> str:
    """All of them as one file: a first visit asks once instead of seven times, and they pack better together."""
    return "\n".join((_CSS / sheet).read_text("utf-8") for sheet in _SHEETS)


@cache
def style_sheet_address() -> str:
    """It changes with the content, so browsers may keep that for ever."""
    version = hashlib.sha256(style_sheet().encode()).hexdigest()[:12]
    return f"{STYLES}?v={version}"
