"""What somebody asks the gallery for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from domain.accounts.user import User
from domain.characters.character import AgeMark, Gender
from domain.characters.order import Sort


class Tab(StrEnum):
    ALL = "all"
    FAVOURITES = "favourites"
    MINE = "mine"  # those I made
    RECENT = "recent"  # those I have chats with


MOST_INTERESTS = 8
"""So many a question names with, and as many without; nobody has more."""
USUAL = {Tab.ALL: Sort.POPULAR, Tab.FAVOURITES: Sort.NEW, Tab.MINE: Sort.NEW, Tab.RECENT: Sort.RECENT}
"""The order in which a tab opens."""


@dataclass(frozen=True)
class Wanted:
    """Empty fields ask for nothing."""

    tab: Tab = Tab.ALL
    sort: Sort | None = None
    """None: as usual in this tab or, with `words`, what fits them best first."""
    words: str = ""
    having: tuple[str, ...] = ()
    """Interests, all of them, as `gate.clean_interests` leaves them."""
    lacking: tuple[str, ...] = ()
    """Interests, none of them."""
    genders: tuple[Gender, ...] = ()
    ages: tuple[AgeMark, ...] = ()

    def by(self, viewer: User | None) -> Wanted:
        """Whom one has talked with last is a question about those alone, and no question of a stranger's."""
        if self.tab is Tab.ALL and self.sort is Sort.RECENT:
            return replace(self, tab=Tab.RECENT) if viewer else replace(self, sort=None)
        return self
