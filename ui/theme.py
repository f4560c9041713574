"""What every page says in its head: the look, before anything is painted.

Colours, space, type and the other tokens are CSS custom properties in assets/css/tokens.css. Quasar's own follow them
in beseda.css, which holds what all pages share; every other sheet holds one subject (tests/ui/test_style_sheets.py).
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

THEMES = ("auto", "light", "dark")  # auto follows the system

STYLES = "/styles.css"
_CSS = Path(__file__).parent.parent / "assets" / "css"
_SHEETS = (
    "tokens.css",
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
_PAPER = {"light": "#FAF7F2", "dark": "#16130F"}  # what the browser's own bar is painted with


def head_html(theme: str) -> str:
    """The head of a page shown in `theme`, one of `THEMES`."""
    return "\n".join(
        (
            f"<script>{theme_script(theme)}</script>",
            f'<link rel="stylesheet" href="{style_sheet_address()}">',
            *_theme_colors(theme),
            '<link rel="icon" type="image/svg+xml" href="/assets/icons/favicon.svg">',
            '<link rel="apple-touch-icon" href="/assets/icons/apple-touch-icon.png">',
            '<link rel="manifest" href="/manifest.webmanifest">',
        )
    )


@cache
def sheet_html(sheet: str) -> str:
    """What loads one of assets/css, for pages that need more than all do."""
    version = hashlib.sha256((_CSS / sheet).read_bytes()).hexdigest()[:12]
    return f'<link rel="stylesheet" href="/assets/css/{sheet}?v={version}">'


def theme_script(theme: str) -> str:
    """JavaScript that puts the page into `theme`, at once and without a reload."""
    if theme in ("light", "dark"):
        return f'document.documentElement.dataset.theme="{theme}";'
    return "delete document.documentElement.dataset.theme;"


def _theme_colors(theme: str) -> list[str]:
    if theme in _PAPER:
        return [f'<meta name="theme-color" content="{_PAPER[theme]}">']
    return [
        f'<meta name="theme-color" media="(prefers-color-scheme: {scheme})" content="{color}">'
        for scheme, color in _PAPER.items()
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
