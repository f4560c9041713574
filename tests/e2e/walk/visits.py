"""What is walked through: every page of the product, as whom, and what can be opened there.

tests/ui/access/test_walked_pages.py holds the table to the routes.
"""

from __future__ import annotations

from dataclasses import dataclass

NOBODY, TRIAL, TRIED, AUTHOR, READER, BLOCKED, ADMIN = "", "trial", "tried", "author", "reader", "blocked", "admin"
NARROW, WIDE, ANY = range(768), range(768, 2000), range(2000)
"""Widths at which something can be opened."""


LAID_OVER = "[role=dialog], dialog[open], [role=menu], .q-drawer__backdrop"


@dataclass(frozen=True)
class Opening:
    """What is pressed one after the other: each a name in English, as the code has it, or a selector with `css=`."""

    presses: tuple[str, ...]
    widths: range = ANY
    shows: str = LAID_OVER
    """What is seen then, as a selector."""


@dataclass(frozen=True)
class Visit:
    address: str
    """With the names of `Ground.places` in braces."""
    who: str = NOBODY
    shows: str = "h1"
    """What comes last, as a selector: often it is fetched."""
    opens: tuple[Opening, ...] = ()
    provokes: tuple[str, ...] = ()
    """What the browser says in its console, as regular expressions."""

    def __str__(self) -> str:
        return f"{self.who or 'a stranger'} at {self.address}"


def opens(*presses: str, widths: range = ANY, shows: str = LAID_OVER) -> Opening:
    return Opening(presses, widths, shows)


def missing(address: str) -> Visit:
    return Visit(address, shows=".title", provokes=(r"the server responded with a status of 404",))


MENU = opens("Menu")
TABS = (
    *(opens(tab, shows="[role=tabpanel]") for tab in ("Personality", "Voice", "Model", "Publishing")),
    opens("Preview", widths=NARROW, shows=".editor-preview"),
)
LAST_WORDS = ".message:last-child .rich"
ROWS = "tbody tr"

PAGES: dict[str, list[Visit]] = {
    "/": [
        Visit("/", shows=".card", opens=(MENU, opens("Filters", widths=range(720)))),
        Visit("/", AUTHOR, ".card", (MENU, opens("css=.card-action.more"))),
        Visit("/?tab=mine", AUTHOR, ".card", (opens("css=.card-action.more", "Delete"),)),
        Visit("/?q=zzzzzz", READER, ".empty"),
    ],
    "/rules": [Visit("/rules")],
    "/privacy": [Visit("/privacy")],
    "/contact": [Visit("/contact", ADMIN)],
    "/welcome": [Visit("/welcome?next=/characters/{character_id}", AUTHOR)],
    "/farewell": [Visit("/farewell")],
    "/first-admin/{token}": [missing("/first-admin/made-up")],
    "/sign-up": [Visit("/sign-up?next=/characters/{character_id}"), Visit("/sign-up")],
    "/sign-up/letter": [Visit("/sign-up/letter?to=newcomer@example.test")],
    "/sign-up/{token}": [Visit("/sign-up/{sign_up}"), missing("/sign-up/made-up")],
    "/log-in": [Visit("/log-in?next=/characters/{character_id}")],
    "/log-in/letter": [Visit("/log-in/letter")],
    "/log-in/letter/sent": [Visit("/log-in/letter/sent?to=newcomer@example.test")],
    "/log-in/{token}": [
        Visit("/log-in/{log_in}", opens=(opens("css=.fold summary", shows=".fold form"),)),
        missing("/log-in/made-up"),
    ],
    "/characters/new": [Visit("/characters/new", AUTHOR, ".editor-bar", TABS)],
    "/characters/{character_id:id}": [
        Visit("/characters/{character_id}"),
        Visit(
            "/characters/{character_id}", AUTHOR, opens=(opens("css=.about-more"), opens("css=.about-more", "Delete"))
        ),
        Visit("/characters/{character_id}", ADMIN, opens=(opens("Report"),)),
        missing("/characters/999999"),
    ],
    "/characters/{character_id:id}/chat": [Visit("/characters/{character_id}/chat", READER)],
    "/characters/{character_id:id}/edit": [Visit("/characters/{character_id}/edit", AUTHOR, ".editor-bar", TABS)],
    "/blocked": [Visit("/blocked", BLOCKED)],
    "/chat": [Visit("/chat", AUTHOR, ".dialog", (opens("css=.dialog .dialog-more"),)), Visit("/chat", READER)],
    "/chat/{dialog_id:id}": [
        Visit(
            "/chat/{dialog_id}",
            AUTHOR,
            LAST_WORDS,
            (
                opens("css=header .menu-button", widths=range(600, 1024)),
                opens("demo mode"),
                opens("About the character", shows=".q-drawer--right"),
                opens("css=header .dialog-more"),
                opens("css=header .dialog-more", "Rename"),
                opens("css=.message.user [data-action=edit]", shows=".message.editing textarea"),
                opens("css=.message.assistant.newest [data-action=delete]"),
                opens("css=.message.assistant.newest [data-action=report]"),
            ),
        ),
        Visit("/chat/{trial_dialog_id}", TRIAL, LAST_WORDS),
        Visit("/chat/{tried_dialog_id}", TRIED, ".trial-panel"),
    ],
    "/deleted": [Visit("/deleted", AUTHOR, opens=(opens("Delete for good"),)), Visit("/deleted", READER)],
    "/profile": [Visit("/profile", AUTHOR)],
    "/notices": [Visit("/notices", AUTHOR), Visit("/notices", READER)],
    "/profile/email/{token}": [missing("/profile/email/made-up")],
    "/admin": [Visit("/admin", ADMIN, opens=(opens("Show as table", shows="details table"),))],
    "/admin/users": [
        Visit("/admin/users", ADMIN, ROWS, (opens("Filters", widths=range(760), shows="[aria-expanded=true]"),))
    ],
    "/admin/users/{user_id:id}": [
        Visit("/admin/users/{user_id}", ADMIN, opens=(opens("Measure…"), opens("Quota"), opens("End sessions"))),
        Visit("/admin/users/{reader_id}?tab=measures", ADMIN, opens=(opens("Lift"),)),
        Visit("/admin/users/{user_id}?tab=notes", ADMIN),
    ],
    "/admin/characters": [Visit("/admin/characters", ADMIN, ROWS)],
    "/admin/characters/{character_id:id}": [
        Visit("/admin/characters/{character_id}", ADMIN),
        Visit("/admin/characters/{character_id}?tab=card", ADMIN),
    ],
    "/admin/dialogs": [Visit("/admin/dialogs", ADMIN, ROWS)],
    "/admin/dialogs/{dialog_id:id}": [
        Visit("/admin/dialogs/{dialog_id}", ADMIN),
        Visit("/admin/dialogs/{other_dialog_id}", ADMIN),
    ],
    "/admin/reports": [Visit("/admin/reports", ADMIN, opens=(opens("Accept without a measure…"),))],
    "/admin/appeals": [Visit("/admin/appeals", ADMIN)],
    "/admin/journal": [Visit("/admin/journal", ADMIN, ROWS)],
    "/admin/announcements": [
        Visit("/admin/announcements", ADMIN, opens=(opens("New announcement"), opens("Edit"))),
    ],
    "/admin/pages": [Visit("/admin/pages", ADMIN)],
    "/admin/spending": [Visit("/admin/spending", ADMIN)],
    "/admin/state": [Visit("/admin/state", ADMIN)],
}
"""By the path of the route."""
NOWHERE = missing("/nowhere")
VISITS = [*(visit for visits in PAGES.values() for visit in visits), NOWHERE]
