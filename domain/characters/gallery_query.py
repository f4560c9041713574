"""Gallery query: the filters, search words and sort order that a user asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from domain.characters.gallery_order import Sort
from domain.model.character import AgeMark, Gender
from domain.model.user import User


class Tab(StrEnum):
    ALL = "all"
    FAVOURITES = "favourites"
    MINE = "mine"  # created by the user
    RECENT = "recent"  # characters the user has chats with


MOST_INTERESTS = 8
"""Maximum interests that a query includes, and maximum that it excludes; no character has more."""
USUAL = {Tab.ALL: Sort.POPULAR, Tab.FAVOURITES: Sort.NEW, Tab.MINE: Sort.NEW, Tab.RECENT: Sort.RECENT}
"""The default sort order of each tab."""


def usual_language(tab: Tab, words: str, author_id: int | None, reads: str) -> str:
    """The default language filter, until the reader chooses another, or any: `reads`, their own language, where they
    look around. What they keep, made, or look for by words or author is found in every language.

    A filter, not a sort order, so that each page still continues after a key of one index.
    """
    looks_around = tab is Tab.ALL and author_id is None and not any(map(str.isalnum, words))
    return reads if looks_around else ""


@dataclass(frozen=True)
class GalleryQuery:
    """An empty field does not restrict."""

    tab: Tab = Tab.ALL
    sort: Sort | None = None
    """None: the tab's default or, with `words`, by relevance."""
    words: str = ""
    having: tuple[str, ...] = ()
    """Interests that it must all have, as from `clean_interests`."""
    lacking: tuple[str, ...] = ()
    """Interests it must not have."""
    genders: tuple[Gender, ...] = ()
    ages: tuple[AgeMark, ...] = ()
    language: str = ""
    """Language of the card; one without letters is found in every language."""
    author_id: int | None = None

    def by(self, viewer: User | None) -> GalleryQuery:
        """The query adapted to the viewer: "recent" concerns only characters one has talked with, and is not for
        visitors.
        """
        if self.tab is Tab.ALL and self.sort is Sort.RECENT:
            return replace(self, tab=Tab.RECENT) if viewer else replace(self, sort=None)
        return self
