"""Theme: what every page has in its head: the look, before anything is painted.

Colours, space, type and the other tokens are CSS custom properties in assets/css/tokens.css. Quasar's own follow them
in beseda.css, which holds what all pages share; every other sheet holds one subject (tests/ui/test_style_sheets.py).
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from ui.request.assets import asset

STYLES = "/styles.css"
ADMIN_STYLES = "/admin-styles.css"
_UI = Path(__file__).parents[1]
_SHEETS = {  # in the order of the cascade: where two style the same element, the later one wins
    STYLES: (
        "tokens.css",
        "beseda.css",
        "chat.css",
        "backdrop.css",
        "undo_notice.css",
        "dialogs.css",
        "memory.css",
        "pages.css",
        "gallery.css",
        "cards.css",
        "editor.css",
        "versions.css",
        "books.css",
        "profile.css",
        "doors.css",
        "character_row.css",
        "announcements.css",
        "moderation.css",
    ),
    ADMIN_STYLES: ("admin.css", "queue.css"),
}
PAPER = {"light": "#FAF7F2", "dark": "#16130F"}  # the colour of the browser's own bar


def head_html(theme: str, text_size: str) -> str:
    """The head of a page shown in `theme` and `text_size`, of those that `domain.model.user` names."""
    return "\n".join(
        (
            f"<script>{theme_script(theme)}{text_size_script(text_size)}</script>",
            sheet_html(STYLES),
            *_theme_colors(theme),
            f'<link rel="apple-touch-icon" href="{asset("icons/apple-touch-icon.png")}">',
            # Requested with cookies, since it is in the reader's language and theme.
            '<link rel="manifest" href="/manifest.webmanifest" crossorigin="use-credentials">',
        )
    )


def sheet_html(address: str) -> str:
    """The link to the sheets of `address`, for pages that need more than the common ones."""
    return f'<link rel="stylesheet" href="{style_sheet_address(address)}">'


def theme_script(theme: str) -> str:
    """JavaScript that switches the page to `theme`, at once and without a reload."""
    if theme in ("light", "dark"):
        return f'document.documentElement.dataset.theme="{theme}";'
    return "delete document.documentElement.dataset.theme;"


def text_size_script(text_size: str) -> str:
    """JavaScript that sets the size of type, on which all others are based, at once and without a reload."""
    if text_size == "normal":
        return "delete document.documentElement.dataset.textSize;"
    return f'document.documentElement.dataset.textSize="{text_size}";'


def _theme_colors(theme: str) -> list[str]:
    if theme in PAPER:
        return [f'<meta name="theme-color" content="{PAPER[theme]}">']
    return [
        f'<meta name="theme-color" media="(prefers-color-scheme: {scheme})" content="{color}">'
        for scheme, color in PAPER.items()
    ]


@cache
def style_sheet(address: str) -> str:
    """Several sheets as one file: a first visit makes one request instead of seven, and they compress better."""
    files = style_files()
    return "\n".join(files[sheet].read_text("utf-8") for sheet in _SHEETS[address])


def style_files() -> dict[str, Path]:
    """Every sheet by its name: those of all pages in assets/css, the others beside what they style."""
    return {
        path.name: path for folder in (_UI.parent / "assets" / "css", _UI) for path in sorted(folder.rglob("*.css"))
    }


@cache
def style_sheet_address(address: str) -> str:
    """It changes with the content, so browsers may cache that forever."""
    version = hashlib.sha256(style_sheet(address).encode()).hexdigest()[:12]
    return f"{address}?v={version}"
