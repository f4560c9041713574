"""The keys of one book: each is compiled once, indexed by its rarest word, and tried once on each text."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from domain.books.matching.effort import Effort
from domain.books.matching.keys import Key, read_key
from domain.books.matching.words import ReadText

log = logging.getLogger(__name__)

MOST_KEYS = 30_000
"""Maximum keys of a book, equal ones counted once: six for each of five thousand entries. Keys beyond it never fire."""


Asked = tuple[str, bool, bool, bool]
"""A key as written, and whether case matters, it is a regular expression, and it matches whole words only."""


class KeyMaker:
    """Compiles keys. Keys written alike share one `Key`, whichever entries they belong to."""

    def __init__(self, known: Mapping[Asked, Key]) -> None:
        """`known` holds keys that were compiled earlier, perhaps for a previous version of the book."""
        self.made: dict[Asked, Key] = {}
        self._known = known

    def make(
        self, written: str, *, is_case_sensitive: bool = False, is_expression: bool = False, whole_words: bool = True
    ) -> Key:
        """As `read_key`."""
        asked = written, is_case_sensitive, is_expression, whole_words
        if asked not in self.made:
            self.made[asked] = self._made(asked)
        return self.made[asked]

    def _made(self, asked: Asked) -> Key:
        written, is_case_sensitive, is_expression, whole_words = asked
        if len(self.made) == MOST_KEYS:
            log.warning("A lorebook has more than %d keys: the rest of them never fire.", MOST_KEYS)
        if len(self.made) >= MOST_KEYS:
            return Key(written)
        known = self._known.get(asked)
        if known and known.can_fire:
            return known
        return read_key(
            written, is_case_sensitive=is_case_sensitive, is_expression=is_expression, whole_words=whole_words
        )


class KeysByRoot:
    """Index from the root of a word to the entries with a key whose rarest word has that root.

    The rarest word of a key is the one that the fewest keys of the book contain. If keys were indexed by their first
    word, every «the king of …» would be tried on every «the».
    """

    def __init__(self, keys: Iterable[tuple[Key, int]]) -> None:
        """Each key comes with its place: the position of its entry in the book."""
        filed = dict.fromkeys(keys)
        met = Counter(root for key in {key for key, _place in filed} for root in _roots(key))
        self._at_root: defaultdict[str, list[int]] = defaultdict(list)
        self._always: list[int] = []
        for key, place in filed:
            if key.is_found_by_root:
                rarest = min(key.parts, key=lambda part: sum(met[root] for root in part.roots))
                for root in rarest.roots:
                    self._at_root[root].append(place)
            elif key.can_fire:
                self._always.append(place)

    def places(self, read: ReadText) -> list[int]:
        """The places of the entries whose keys may fire on the text, in order."""
        found = {place for root in read.at_root for place in self._at_root.get(root, ())}
        return sorted(found.union(self._always))


class TriedKeys:
    """The keys of one activation. Each is tried once per text, and all share one effort limit."""

    def __init__(self, effort: Effort) -> None:
        self.effort = effort
        self._fired: dict[tuple[Key, ReadText], bool] = {}

    def fires(self, key: Key, read: ReadText) -> bool:
        tried = key, read
        if tried not in self._fired:
            self._fired[tried] = key.fires_on(read, self.effort)
        return self._fired[tried]


def _roots(key: Key) -> set[str]:
    return {root for part in key.parts for root in part.roots}
