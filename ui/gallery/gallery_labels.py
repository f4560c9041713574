"""Gallery labels: its texts in the reader's language."""

from __future__ import annotations

from typing import Any

from domain.cards.card_export import MOST_AT_ONCE
from domain.characters.gallery_query import MOST_INTERESTS, USUAL
from domain.language import Texts
from domain.model.character import AgeMark
from ui.cards.card_export import export_labels
from ui.widgets.labels import gender_words, language_words


def gallery_labels(_: Texts, *, shows_adult: bool) -> dict[str, Any]:
    ages = [mark.value for mark in AgeMark if shows_adult or mark is not AgeMark.ADULT]
    return {**_questions(_), "ages": ages, **_card(_), **_actions(_), **_cards(_), "empty": _empty(_)}


def _questions(_: Texts) -> dict[str, Any]:
    return {
        "gallery": _("Gallery"),
        "tabs": [("all", _("All")), ("favourites", _("Favourites")), ("mine", _("Mine")), ("recent", _("Recent"))],
        "sort": _("Sort by"),
        "best": _("best match"),
        "sorts": [
            ("popular", _("popular this week")),
            ("new", _("newest")),
            ("rating", _("top rated")),
            ("name", _("name")),
            ("recent", _("recently chatted")),
        ],
        "orders": {tab.value: order.value for tab, order in USUAL.items()},
        "search": _("Search the gallery"),
        "placeholder": _("Name, interest or word"),
        "filters": _("Filters"),
        "interests": _("Interests"),
        "find_interest": _("Interest"),
        "no_interest": _("No characters with this interest."),
        "most_interests": MOST_INTERESTS,
        "any": _("{word}: any"),
        "with": _("{word}: included"),
        "without": _("{word}: excluded"),
        "states": {"with": _("with this"), "without": _("without this"), "": _("doesn't matter")},
        "third_state": _("Press again to exclude “{word}”. A right click or a long press lets you choose."),
        "gender": _("Gender"),
        "genders": [("", _("any gender")), *((gender.value, words) for gender, words in gender_words(_).items())],
        "language": _("Language"),
        "languages": [("any", _("any language")), *language_words(_).items()],
        "in_language": {"ru": _("in Russian"), "en": _("in English")},
        "any_language": _("Show all languages"),
        "by_author": _("By {author}"),
        "drop": _("Remove filter: {filter}"),
        "age": _("Age rating"),
        "reset": _("Reset filters"),
        "show": _("Show: {count}"),
        "close": _("Close"),
        "reset_all": _("Show all characters"),
        "failed": _("Couldn't load the gallery."),
        "retry": _("Try again"),
    }


def _card(_: Texts) -> dict[str, Any]:
    return {
        "only": _("All characters with this interest: {word}"),
        "rated": _("Rated {rating} out of 10"),
        "to_chat": _("Open last chat"),
        "to_chat_with": _("Open last chat with {name}"),
        "favourite": _("Favourite: {name}"),
        "star": _("Add to favourites"),
        "unstar": _("Remove from favourites"),
        "more": _("Actions: {name}"),
        "not_saved": _("Couldn't save. Please try again."),
    }


def _actions(_: Texts) -> dict[str, Any]:
    return {
        "go_on": _("Continue"),
        "begin": _("New chat"),
        "edit": _("Edit"),
        "duplicate": _("Duplicate"),
        "export": _("Export card"),
        "share": _("Share"),
        "report": _("Report"),
        "delete": _("Delete"),
        "copied": _("Link copied."),
        "not_copied": _("Couldn't copy the link."),
    }


def _cards(_: Texts) -> dict[str, Any]:
    """Labels of the import and export of card files."""
    return {
        "import": _("Import cards"),
        "create": _("Create"),
        "pick": _("Select"),
        "picked": _("Selected: {n}"),
        "pick_all": _("All"),
        "picked_done": _("Done"),
        "most_picked": MOST_AT_ONCE,
        "picked_enough": _("You can export {n} characters at once.", n=MOST_AT_ONCE),
        "export_window": export_labels(_),
    }


def _empty(_: Texts) -> dict[str, dict[str, str]]:
    """Texts of an empty page, by tab; `nobody` is for a search or filters without a match."""
    to_all = {"url": "/", "action": _("Go to the gallery")}
    make = {"url": "/characters/new", "action": _("Create a character")}
    return {
        "nobody": {
            "title": _("No matches."),
            "hint": _("Try other words or fewer filters."),
        },
        "language": {
            "title": _("No characters in your language yet."),
            "hint": _("There may be some in other languages."),
        },
        "all": {"title": _("Nobody here yet."), "hint": _("Yours could be the first."), **make},
        "favourites": {
            "title": _("No favourites yet."),
            "hint": _("Tap the star on a card to keep a character here."),
            **to_all,
        },
        "mine": {
            "title": _("Nobody here yet."),
            "hint": _("Make up someone you'd like to talk to: a name and a few sentences are enough."),
            **make,
        },
        "recent": {
            "title": _("You haven't chatted with anyone yet."),
            "hint": _("Characters you chat with will appear here."),
            **to_all,
        },
    }
