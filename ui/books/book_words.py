"""Book words: labels and hints for a book, its entries, and everything that can be done with them."""

from __future__ import annotations

from typing import Any

from domain.books.book_room import MOST_ENTRIES
from domain.books.books import DEEPEST_SCAN, LARGEST_BUDGET
from domain.books.entry import Logic, Place
from domain.books.entry_check import COMMENT_LIMIT, CONTENT_LIMIT, GROUP_LIMIT
from domain.books.entry_form import EntryForm
from domain.books.try_out import LONGEST_TRIED
from domain.cards.read_card import LARGEST_PICTURE
from domain.language import Texts
from domain.llm.port import Role
from domain.llm.token_estimates import CHARACTERS_A_TOKEN
from domain.model.book import TITLE_LIMIT
from ui.books.book_shown import values_of


def book_words(_: Texts) -> dict[str, Any]:
    """The props of ui/books/book_editor.py that are the same for every book."""
    return {
        "labels": _of_the_table(_) | _of_its_files(_) | _of_the_entry(_) | _of_the_book(_),
        "told": _common_fields(_) | _rare_fields(_),
        "options": _options(_),
        "limits": {
            "entries": MOST_ENTRIES,
            "depth": DEEPEST_SCAN,
            "budget": LARGEST_BUDGET,
            "probe": LONGEST_TRIED,
            "file": LARGEST_PICTURE,
            "characters_a_token": CHARACTERS_A_TOKEN,
        },
        "usual": values_of(EntryForm()),
    }


def _options(_: Texts) -> dict[str, Any]:
    places = {
        Place.BEFORE: (_("before the description"), _("before")),
        Place.AFTER: (_("after the description"), _("after")),
        Place.AT_DEPTH: (_("in the chat, near its end"), _("in the chat")),
    }
    logics = {
        Logic.ANY: _("any of them is there"),
        Logic.ALL: _("all of them are there"),
        Logic.NONE: _("none of them is there"),
        Logic.NOT_ALL: _("at least one is missing"),
    }
    roles = {
        Role.SYSTEM: _("an instruction"),
        Role.USER: _("words of the user"),
        Role.ASSISTANT: _("words of the character"),
    }
    return {
        "place": [{"value": place.value, "text": words} for place, (words, _short) in places.items()],
        "places": {place.value: short for place, (_words, short) in places.items()},
        "deep": Place.AT_DEPTH.value,
        "logic": [{"value": logic.value, "text": words} for logic, words in logics.items()],
        "role": [{"value": role.value, "text": words} for role, words in roles.items()],
    }


def _of_the_table(_: Texts) -> dict[str, str]:
    return {
        "entries": _("Entries of the book"),
        "on": _("On"),
        "keys": _("Trigger keys"),
        "excerpt": _("Text"),
        "order": _("Order"),
        "order_short": _("no."),
        "place": _("Place"),
        "tokens": _("Tokens"),
        "tokens_short": _("tok."),
        "always": _("always"),
        "draft": _("not saved"),
        "flawed": _("check the keys"),
        "nameless": _("untitled"),
        "choose": _("Select: {entry}"),
        "choose_all": _("Select all"),
        "switch": _("On: {entry}"),
        "draw": _("Drag to reorder"),
        "keys_told": _("Arrow keys go from entry to entry. Alt with an arrow moves the entry."),
        "moved": _("“{entry}” is now number {place} of {all}"),
        "add": _("Entry"),
        "search": _("Search entries"),
        "found": _("Found: {n} of {all}"),
        "count": _("Entries: {n}"),
        "saved_each": _("Each entry is saved on its own."),
        "nothing_found": _("No entry has these words."),
        "empty": _("No entries yet."),
        "empty_hint": _(
            "An entry is what the model is told once its keys come up: places, people, things, rules of a world."
        ),
        "chosen": _("Selected: {n}"),
        "turn_on": _("Switch on"),
        "turn_off": _("Switch off"),
        "up": _("Move up"),
        "down": _("Move down"),
        "none": _("Clear selection"),
        "removed": _("Entries deleted: {n}"),
        "undo": _("Undo"),
        "loading": _("Loading…"),
        "failed": _("Couldn't load the book."),
        "late": _("No answer from the server. Check your connection and try again."),
        "retry": _("Try again"),
    }


def _of_its_files(_: Texts) -> dict[str, str]:
    return {
        "from_file": _("Import"),
        "to_file": _("Export"),
        "drop": _("Drop the file to add its entries"),
        "close_first": _("Close the entry first: a file adds its entries to the table behind it."),
        "sending": _("Importing…"),
        "not_sent": _("Couldn't upload the file. Please try again."),
        "too_large": _("The file is too large."),
    }


def _of_the_entry(_: Texts) -> dict[str, str]:
    return {
        "entry": _("Entry"),
        "edit": _("Edit entry"),
        "new_entry": _("New entry"),
        "close": _("Close"),
        "save": _("Save"),
        "saved": _("Entry saved."),
        "kept": _("Not saved: your text is still in the entry."),
        "duplicate": _("Duplicate"),
        "remove": _("Delete"),
        "more": _("More"),
        "from_draft": _("This is your unsaved text."),
        "changed": _(
            "This is your unsaved text. Meanwhile the entry has been changed in another window: saving replaces what "
            "it says now:"
        ),
        "gone": _("This entry has since been deleted. Save again to keep your text as a new entry."),
        "orphan": _("Not saved, and its entry is no longer there: “{text}”"),
        "as_new": _("Make it a new entry"),
        "go_back": _("Revert to saved"),
        "discard": _("Discard draft"),
        "remove_key": _("Remove key: {key}"),
        "as_book": _("as in the book"),
        "decided": _("A line at the top of the text decides this: {line}"),
        "as_order": _("same as the order"),
    }


def _of_the_book(_: Texts) -> dict[str, str]:
    return {
        "budget_title": _("Room in the prompt"),
        "budget_always": _("Always there"),
        "budget_on": _("Everything switched on"),
        "budget": _("Budget"),
        "budget_usual": _("Default budget"),
        "budget_over": _("What is always there doesn't fit: the least important entries are left out."),
        "budget_some": _("If everything fired at once, the least important entries would be left out."),
        "budget_all": _("Everything fits, even if all entries fire at once."),
        "probe": _("Try the keys"),
        "probe_hint": _("Write or paste a line of a chat to see what it brings up."),
        "probe_sample": _("I arrived in Moscow yesterday…"),
        "probe_none": _("Nothing fires."),
        "probe_left": _("Left out:"),
        "settings": _("Book settings"),
        "usual": _("default: {n}"),
        "scan_depth": _("Messages to look through"),
        "scan_depth_hint": _("How many of the last messages are searched for keys."),
        "token_budget": _("Budget in tokens"),
        "token_budget_hint": _("How much of the prompt the book may take."),
        "is_recursive": _("Look for keys in entries, too"),
        "is_recursive_hint": _("An entry that fired can bring up others."),
        "shows_titles": _("Show titles to others"),
        "shows_titles_hint": _("Whoever talks with the character may see the titles of entries that fired."),
    }


def _field(label: str, hint: str = "", **more: object) -> dict[str, Any]:
    return {"label": label, "hint": hint, **more}


def _common_fields(_: Texts) -> dict[str, dict[str, Any]]:
    return {
        "keys": _field(
            _("Trigger keys"),
            _(
                "Press Enter or type a comma to end a key. “Moscow” also fires on other forms of the word; in quotes, "
                "only on exactly this one."
            ),
        ),
        "content": _field(
            _("What the model is told"), limit=CONTENT_LIMIT, rows=6, tokens=_("≈ {n} tokens when it fires")
        ),
        "is_constant": _field(_("Always in the prompt"), _("Even if none of its keys comes up.")),
        "is_on": _field(_("Switched on"), _("Switched off, it stays in the book and never fires.")),
        "title": _field(_("Title"), _("Only for you, unless the book shows titles."), limit=TITLE_LIMIT),
        "place": _field(_("Place")),
        "depth": _field(_("Messages after it"), _("0: at the very end")),
        "order": _field(_("Order"), _("The smaller, the earlier in the prompt.")),
        "secondary_keys": _field(_("Additional keys"), _("Checked together with the keys above.")),
        "logic": _field(_("Additional keys: fires only if")),
        "is_selective": _field(_("Use the additional keys")),
    }


def _rare_fields(_: Texts) -> dict[str, dict[str, Any]]:
    return {
        "is_case_sensitive": _field(_("Match case")),
        "whole_words": _field(_("Whole words only"), _("Otherwise a key also fires inside a word.")),
        "is_expression": _field(_("Keys are regular expressions")),
        "scan_depth": _field(_("Messages to look through")),
        "priority": _field(_("Priority"), _("The higher, the later it is left out when there is no room.")),
        "role": _field(_("Presented as")),
        "chance": _field(_("Chance, %")),
        "sticky": _field(_("Stays for"), _("messages after it fired")),
        "cooldown": _field(_("Rests for"), _("messages afterwards")),
        "delay": _field(_("Not before"), _("this many messages")),
        "group": _field(_("Group"), _("Only one entry of a group fires."), limit=GROUP_LIMIT),
        "weight": _field(_("Weight in the group"), _("The higher, the more often.")),
        "is_found_by_entries": _field(_("Other entries can bring it up")),
        "finds_entries": _field(_("It can bring up others")),
        "only_by_entries": _field(_("Only other entries can bring it up")),
        "comment": _field(_("Note"), _("The model never sees it."), limit=COMMENT_LIMIT),
    }
