"""Admin pages: what only admins see. `admin_page` guards each page, `admins_only` each plain route (door.py)."""

from __future__ import annotations

from ui.app import App
from ui.pages.admin import (
    announcements,
    appeals,
    character,
    characters,
    dialog,
    dialogs,
    journal,
    overview,
    person,
    reports,
    spending,
    state,
    users,
)


def register(app: App) -> None:
    """Register every admin page at its address."""
    overview.register(app)
    users.register(app)
    person.register(app)
    characters.register(app)
    character.register(app)
    dialogs.register(app)
    dialog.register(app)
    reports.register(app)
    appeals.register(app)
    journal.register(app)
    announcements.register(app)
    spending.register(app)
    state.register(app)
