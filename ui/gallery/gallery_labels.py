"""Gallery labels: its texts in the reader's language."""

from __future__ import annotations

from typing import Any

from domain.characters.gallery_query import MOST_INTERESTS, USUAL
from domain.language import Texts
from domain.model.character import AgeMark
from ui.widgets.labels import gender_words, language_words


def gallery_labels(_: Texts) -> dict[str, Any]:
    return {**_questions(_), **_card(_), **_actions(_), "empty": _empty(_)}


def _questions(_: Texts) -> dict[str, Any]:
    return {
        "gallery": _("Gallery"),
        "tabs": [("all", _("All")), ("favourites", _("Favourites")), ("mine", _("Mine")), ("recent", _("Recent"))],
        "sort": _("Order"),
        "best": _("best match"),
        "sorts": [
            ("popular", _("popular this week")),
            ("new", _("new")),
            ("rating", _("by rating")),
            ("name", _("by name")),
            ("recent", _("recently talked with")),
        ],
        "orders": {tab.value: order.value for tab, order in USUAL.items()},
        "search": _("Search in the gallery"),
        "placeholder": _("Name, interest, word"),
        "filters": _("Filters"),
        "interests": _("Interests"),
        "find_interest": _("Interest"),
        "no_interest": _("Nobody has this interest."),
        "most_interests": MOST_INTERESTS,
        "any": _("{word}: does not matter"),
        "with": _("{word}: with it"),
        "without": _("{word}: without it"),
        "gender": _("Gender"),
        "genders": [("", _("any gender")), *((gender.value, words) for gender, words in gender_words(_).items())],
        "language": _("Language"),
        "languages": [("any", _("any language")), *language_words(_).items()],
        "reads": _.language,
        "in_language": {"ru": _("in Russian"), "en": _("in English")},
        "any_language": _("Show every language"),
        "by_author": _("Characters by {author}"),
        "drop": _("Remove the filter: {filter}"),
        "age": _("Age mark"),
        "ages": [mark.value for mark in AgeMark],
        "reset": _("Reset filters"),
        "show": _("Show: {count}"),
        "close": _("Close"),
        "reset_all": _("Show everybody"),
        "failed": _("The gallery could not be loaded."),
        "retry": _("Try again"),
    }


def _card(_: Texts) -> dict[str, Any]:
    return {
        "only": _("Everybody with this interest: {word}"),
        "rated": _("Rated {rating} of 10"),
        "to_chat": _("To the last chat"),
        "to_chat_with": _("To the last chat with {name}"),
        "favourite": _("Favourite: {name}"),
        "star": _("Add to favourites"),
        "unstar": _("Remove from favourites"),
        "more": _("Actions: {name}"),
        "not_saved": _("This could not be saved. Please try again."),
    }


def _actions(_: Texts) -> dict[str, Any]:
    return {
        "go_on": _("Continue"),
        "begin": _("New chat"),
        "edit": _("Edit"),
        "duplicate": _("Duplicate"),
        "share": _("Share"),
        "report": _("Report"),
        "delete": _("Delete"),
        "copied": _("The link is copied."),
        "not_copied": _("The link could not be copied."),
    }


def _empty(_: Texts) -> dict[str, dict[str, str]]:
    """By tab, and `nobody` for a search or filters without a match."""
    to_all = {"url": "/", "action": _("To the gallery")}
    make = {"url": "/characters/new", "action": _("Make a character")}
    return {
        "nobody": {
            "title": _("Nobody like that was found."),
            "hint": _("Try other words, or fewer filters."),
        },
        "language": {
            "title": _("Nobody here speaks your language yet."),
            "hint": _("There may be characters in other languages."),
        },
        "all": {"title": _("Nobody is here yet."), "hint": _("The first character could be yours."), **make},
        "favourites": {
            "title": _("No favourites yet."),
            "hint": _("Press the star on a card, and you will find that character here."),
            **to_all,
        },
        "mine": {
            "title": _("Nobody is here yet."),
            "hint": _("Make up somebody you would like to talk with: a name and a few sentences are enough."),
            **make,
        },
        "recent": {
            "title": _("You have not talked with anybody yet."),
            "hint": _("Whoever you start a chat with will be here."),
            **to_all,
        },
    }
