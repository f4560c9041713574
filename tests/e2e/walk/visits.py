"""Table of the walk: every page of the product, the visitor, and what can be opened there.

tests/ui/access/test_walked_pages.py compares the table with the routes.
"""

from __future__ import annotations

from dataclasses import dataclass

NOBODY, TRIAL, TRIED, AUTHOR, READER, BLOCKED, ADMIN = "", "trial", "tried", "author", "reader", "blocked", "admin"
NARROW, WIDE, ANY = range(768), range(768, 2000), range(2000)
"""Widths at which something can be opened."""
LONG_WORD = "Максимилиановско-Преображенская-Достопримечательность" * 2


NOT_FOUND = r"the server responded with a status of 404"
LAID_OVER = "[role=dialog], dialog[open], [role=menu], .q-drawer__backdrop"


@dataclass(frozen=True)
class Opening:
    presses: tuple[str, ...]
    """What is done one after the other: something is pressed, by its name in English, as the code has it, or by a
    selector (`css=…`, `right=…` with the other button), or keys are (`keys=…`); words are written (`text=…`), a photo
    or a card is chosen (`A_PHOTO`, `A_CARD`).
    """
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
    held: str = ""
    """What gets the focus, lest it goes, as a selector."""
    offline: bool = False
    """The server is lost once the page is there."""
    without_admins: bool = False
    is_rare: bool = False
    """Left to `make walk`: it looks much like another."""

    def __str__(self) -> str:
        where = f"{self.who or 'a stranger'} at {self.address}"
        return f"{where}, offline" if self.offline else where


def opens(*presses: str, widths: range = ANY, shows: str = LAID_OVER) -> Opening:
    return Opening(presses, widths, shows)


def missing(address: str) -> Visit:
    return Visit(address, shows=".title", provokes=(NOT_FOUND,), is_rare=True)


MENU = opens("Menu")
A_PHOTO, A_CARD = "photo=", "card="
TABS = (
    *(
        opens(tab, shows=f"#panel-{name}")
        for tab, name in (
            ("Personality", "character"),
            ("Voice", "speech"),
            ("Model", "model"),
            ("Knowledge", "knowledge"),
            ("Publishing", "publication"),
            ("Main", "main"),  # last: a tab stays chosen when the page is opened anew
        )
    ),
    opens("css=#panel-main .tool-menu button"),
    opens(A_PHOTO, shows=".crop[open] .crop-frame img"),
    opens("Preview", widths=NARROW, shows=".editor-preview"),
)
IN_A_BOOK = (
    opens("css=.book-row .book-open", shows=".book-entry[open] textarea"),
    opens("css=.book-row .book-open", "css=.book-more summary", shows=".book-more-body"),
    opens("css=.book-check", shows=".book-chosen"),
    opens("css=.book-settings summary", shows="#book-depth"),
    opens("css=.attached-worlds summary", shows=".attached-list"),
)
CHANGES = ".versions-changes ins"
LAST_WORDS = ".message:last-child .rich"
ROWS = "tbody tr"
FILTERS = opens("Filters", widths=range(760), shows="[aria-expanded=true]")
CHIP = opens("right=.filter-strip .chip", widths=range(720, 2000))
UNDO = ".undo-notice button"
FIELD_OF_A_LIST = opens("css=.q-select", shows=".q-menu [role=option]")

PAGES: dict[str, list[Visit]] = {
    "/": [
        Visit("/", shows=".card", opens=(MENU, opens("Filters", widths=range(720)))),
        Visit("/?language=any", shows=".card", opens=(CHIP,), is_rare=True),
        Visit("/", AUTHOR, ".card", (MENU, opens("css=.card-action.more"))),
        Visit("/?deleted={deleted_character_id}", AUTHOR, UNDO, held=UNDO),
        Visit("/", AUTHOR, ".card", offline=True),
        Visit("/?tab=mine", AUTHOR, ".card", (opens("css=.card-action.more", "Delete"),)),
        Visit(
            "/?tab=mine",
            AUTHOR,
            ".card",
            (
                opens(A_CARD, shows=".card-import[open] .import-card"),
                opens(A_CARD, "keys=Escape", shows=".card-import[open] .import-sure"),
                opens("css=.card-action.more", "Export"),
                opens("Select", "css=.card-pick input", shows=".pick-bar"),
            ),
        ),
        Visit("/", opens=(opens(A_CARD, shows=".card-import[open] .import-body"),), shows=".card", is_rare=True),
        Visit("/?q=zzzzzz", READER, ".empty", is_rare=True),
    ],
    "/rules": [Visit("/rules")],
    "/privacy": [Visit("/privacy")],
    "/contact": [Visit("/contact", ADMIN)],
    "/welcome": [Visit("/welcome?next=/characters/{character_id}", AUTHOR)],
    "/farewell": [Visit("/farewell")],
    "/first-admin/{token}": [
        Visit("/first-admin/{first_admin}", without_admins=True, is_rare=True),
        Visit("/first-admin/{first_admin}", AUTHOR, without_admins=True),
        missing("/first-admin/made-up"),
    ],
    "/sign-up": [Visit("/sign-up?next=/characters/{character_id}"), Visit("/sign-up", is_rare=True)],
    "/sign-up/letter": [Visit("/sign-up/letter?to=newcomer@example.test")],
    "/sign-up/{token}": [Visit("/sign-up/{sign_up}"), missing("/sign-up/made-up")],
    "/log-in": [Visit("/log-in?next=/characters/{character_id}")],
    "/log-in/letter": [Visit("/log-in/letter")],
    "/log-in/letter/sent": [Visit("/log-in/letter/sent?to=newcomer@example.test")],
    "/log-in/{token}": [
        Visit("/log-in/{log_in}", opens=(opens("css=.fold summary", shows=".fold form"),)),
        missing("/log-in/made-up"),
    ],
    "/characters/new": [
        Visit("/characters/new", AUTHOR, ".editor-bar", TABS),
        Visit("/characters/new", READER, is_rare=True),
    ],
    "/characters/{character_id:id}": [
        Visit("/characters/{character_id}"),
        Visit(
            "/characters/{character_id}", AUTHOR, opens=(opens("css=.about-more"), opens("css=.about-more", "Delete"))
        ),
        Visit("/characters/{character_id}", ADMIN, opens=(opens("Report"),)),
        missing("/characters/999999"),
    ],
    "/characters/{character_id:id}/chat": [Visit("/characters/{character_id}/chat", READER)],
    "/characters/{character_id:id}/edit": [
        Visit(
            "/characters/{character_id}/edit",
            AUTHOR,
            ".editor-bar",
            (
                *TABS,
                opens("Publishing", "Delete"),
                opens("Publishing", "Versions", widths=WIDE, shows=".versions-changes ins"),
                opens(
                    "Publishing", "Versions", "css=.versions-list button", widths=NARROW, shows=".versions-changes ins"
                ),
            ),
        ),
        Visit("/characters/{character_id}/edit#knowledge", AUTHOR, ".book-row .book-open", IN_A_BOOK),
    ],
    "/worlds": [
        Visit("/worlds", AUTHOR, ".world", (opens("New world"),)),
        Visit("/worlds", READER, ".empty", is_rare=True),
    ],
    "/worlds/{book_id:id}": [
        Visit("/worlds/{world_id}", AUTHOR, ".book-row .book-open", (opens("Rename"), *IN_A_BOOK[:1])),
        Visit("/worlds/999999", AUTHOR, ".title", provokes=(NOT_FOUND,), is_rare=True),
    ],
    "/blocked": [Visit("/blocked", BLOCKED, opens=(opens("Delete account", shows=".leaving form"),))],
    "/chat": [
        Visit(
            "/chat",
            AUTHOR,
            ".dialog",
            (
                opens("css=.dialog .dialog-more"),
                opens("css=.dialog .dialog-more", "Delete"),
                opens("css=.dialog-search input", f"text={LONG_WORD[:20]}", shows=".dialog-list mark"),
                opens("css=.dialog-search input", "text=zzzzzz", shows=".dialog-said:not(:empty)"),
            ),
        ),
        Visit("/chat", READER, is_rare=True),
        Visit("/chat?deleted={deleted_dialog_id}", AUTHOR, UNDO, held=UNDO, is_rare=True),
    ],
    "/chat/{dialog_id:id}": [
        Visit(
            "/chat/{dialog_id}",
            AUTHOR,
            LAST_WORDS,
            (
                opens("css=header .menu-button", widths=range(600, 1024)),
                opens("demo mode"),
                opens("About the character", shows=".q-drawer--right"),
                opens("css=.memory-bar", shows=".memory-panel[open] .memory-item"),
                opens("css=.memory-bar", "Pin something", shows=".memory-panel[open] textarea"),
                opens("css=.memory-bar", "Forget everything", shows=".memory-sure[open]"),
                opens("css=header .dialog-more"),
                opens("css=header .dialog-more", "Rename"),
                opens("css=header .dialog-more", "Delete"),
                opens("keys=Control+Slash"),
                opens("css=.message.user [data-action=edit]", shows=".message.editing textarea"),
                opens("css=.message.assistant.newest [data-action=more]"),
                opens("css=.message.user [data-action=more]"),
                opens("css=.message.assistant.newest [data-action=more]", "Delete"),
                opens("css=.message.assistant.newest [data-action=more]", "Report"),
            ),
        ),
        Visit("/chat/{dialog_id}", AUTHOR, LAST_WORDS, offline=True),
        Visit("/chat/{trial_dialog_id}", TRIAL, LAST_WORDS),
        Visit("/chat/{trial_dialog_id}", TRIAL, LAST_WORDS, offline=True, is_rare=True),
        Visit("/chat/{tried_dialog_id}", TRIED, ".trial-panel"),
    ],
    "/deleted": [Visit("/deleted", AUTHOR, opens=(opens("Delete for good"),)), Visit("/deleted", READER, is_rare=True)],
    "/profile": [
        Visit(
            "/profile",
            AUTHOR,
            opens=(
                FIELD_OF_A_LIST,
                opens(A_PHOTO, shows=".crop[open] .crop-frame img"),
                opens("Delete account", "Delete my account"),
            ),
        ),
    ],
    "/notices": [Visit("/notices", AUTHOR), Visit("/notices", READER, is_rare=True)],
    "/profile/email/{token}": [Visit("/profile/email/{email}", AUTHOR), missing("/profile/email/made-up")],
    "/admin": [Visit("/admin", ADMIN, opens=(opens("Show as table", shows="details table"),))],
    "/admin/users": [Visit("/admin/users", ADMIN, ROWS, (FILTERS,))],
    "/admin/users/{user_id:id}": [
        Visit(
            "/admin/users/{user_id}",
            ADMIN,
            opens=(
                opens("Measure…"),
                opens("Measure…", "css=.measure-window .q-select", shows=".q-menu [role=option]"),
                opens(
                    "Measure…",
                    "block",
                    "css=.measure-window .q-select",
                    "css=.q-menu [role=option]:nth-child(4)",
                    "Take measure",
                    shows=".admin-window:not(.measure-window)",
                ),
                opens("Quota"),
                opens("Quota", "custom", shows=".admin-window [type=number]"),
                opens("End sessions"),
            ),
        ),
        Visit("/admin/users/{reader_id}?tab=measures", ADMIN, opens=(opens("Lift"),)),
        Visit("/admin/users/{user_id}?tab=notes", ADMIN, is_rare=True),
    ],
    "/admin/characters": [Visit("/admin/characters", ADMIN, ROWS, (FILTERS,))],
    "/admin/characters/{character_id:id}": [
        Visit(
            "/admin/characters/{character_id}",
            ADMIN,
            opens=(opens("Measure…"), opens("Measure…", "needs changes"), opens("Measure…", "Email preview")),
        ),
        Visit("/admin/characters/{character_id}?tab=card", ADMIN, is_rare=True),
    ],
    "/admin/dialogs": [Visit("/admin/dialogs", ADMIN, ROWS, (FILTERS,))],
    "/admin/dialogs/{dialog_id:id}": [
        Visit("/admin/dialogs/{dialog_id}", ADMIN),
        Visit("/admin/dialogs/{other_dialog_id}", ADMIN, is_rare=True),
    ],
    "/admin/reports": [
        Visit(
            "/admin/reports",
            ADMIN,
            opens=tuple(opens(name) for name in ("Accept…", "Reject…", "Snooze…", "Accept without a measure…")),
        )
    ],
    "/admin/appeals": [Visit("/admin/appeals", ADMIN)],
    "/admin/journal": [
        Visit("/admin/journal", ADMIN, ROWS, (FILTERS, opens("css=.cell-fold summary", shows=".cell-fold[open]")))
    ],
    "/admin/announcements": [
        Visit("/admin/announcements", ADMIN, ".admin-card.over", (opens("New announcement"), opens("Edit"))),
    ],
    "/admin/pages": [Visit("/admin/pages", ADMIN, opens=(opens("css=.fold summary", shows=".fold[open]"),))],
    "/admin/spending": [Visit("/admin/spending", ADMIN)],
    "/admin/state": [
        Visit(
            "/admin/state",
            ADMIN,
            opens=(opens("Check everything", shows=".admin-finding:nth-child(6)"),),
        )
    ],
}
"""By the path of the route."""
NOWHERE = Visit("/nowhere", shows=".title", provokes=(NOT_FOUND,))
VISITS = [*(visit for visits in PAGES.values() for visit in visits), NOWHERE]
