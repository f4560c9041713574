"""Admin pages: what only admins see. `admin_page` guards each page, `admins_only` each plain route (guard.py)."""

from __future__ import annotations

from ui.admin.directory import character_page, characters_page, dialog_page, dialogs_page, people_page, person_page
from ui.admin.moderation import appeals_page, audit_page, reports_page
from ui.admin.server import announcements_page, pages_page, status_page
from ui.admin.statistics import overview_page, spending_page
from ui.app import App


def register(app: App) -> None:
    """Register every admin page at its address."""
    overview_page.register(app)
    people_page.register(app)
    person_page.register(app)
    characters_page.register(app)
    character_page.register(app)
    dialogs_page.register(app)
    dialog_page.register(app)
    reports_page.register(app)
    appeals_page.register(app)
    audit_page.register(app)
    announcements_page.register(app)
    pages_page.register(app)
    spending_page.register(app)
    status_page.register(app)
