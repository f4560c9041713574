"""Keys of a lorebook: what they match in a text, in Russian and in English.

A key matches whole words, in any form: «Москва» matches «в Москве», and «кот» matches «котом» but never «который». A
phrase matches its words in a row, each in any form, within one sentence. ё is the same as е, and case is ignored unless
the entry says otherwise. A key in quotes matches exactly this form. `*` and `?` stand for letters. `/…/` is a regular
expression, matched in linear time. A key without words (an emoji), or in a script without spaces between its words
(«東京»), matches anywhere in the text, as do all keys of an entry that does not want whole words.

A text is read once, however many keys there are: its words are looked up by their roots (words.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import inf
from typing import Any

from domain.books.matching.effort import Effort
from domain.books.matching.expressions import Expression, compiled, expression_in
from domain.books.matching.name_forms import is_known_name, is_likelier_another
from domain.books.matching.words import PART, ReadText, Word, is_capitalised_word, without_unseen, words_of_key
from storage.text_search import fold

QUOTES = {'"': '"', "«": "»", "“": "”", "„": "“", "'": "'"}
WILDCARDS = "*?"
SIGNS_OF_A_WORD = "+#@$%"
"""Signs that make a different word: «C++» is not «C»."""
WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)
"""Thai, Lao, Burmese, Chinese, Japanese, Korean: words are not separated by spaces, or take suffixes."""
LONGEST_KEY = 200
AN_EXPRESSION = 10
"""The cost of searching a text for a regular expression, however short the text is, in words compared (effort.py)."""
MATCHED_AT_ONCE, SEARCHED_AT_ONCE = 200, 1_000
"""Characters searched in the time it takes to compare one word: for a regular expression, and for a piece of text."""


@dataclass(frozen=True, eq=False, slots=True)
class Key:
    """One key of an entry, compiled. It has `parts` (its words), a `piece` of text, or an `expression`; a key with none
    of them never fires.
    """

    written: str
    parts: tuple[Word, ...] = ()
    is_case_sensitive: bool = False
    is_name: bool = False
    """Whether it is a single word that is a name; this matches no word in small letters that is likelier another."""
    patterns: tuple[Any, ...] = ()
    """One regular expression for each part, if the key contains `*` or `?` (as Agnai's keys may)."""
    piece: str = ""
    is_whole: bool = False
    """Whether the piece must not be part of a longer word: no letter or digit may stand next to it."""
    expression: Any = None

    @property
    def is_found_by_root(self) -> bool:
        """Whether it can be looked up by the roots of its words; if not, it must be tried on every text."""
        return bool(self.parts) and not self.patterns

    @property
    def can_fire(self) -> bool:
        return bool(self.parts or self.piece) or self.expression is not None

    def fires_on(self, read: ReadText, effort: Effort | None = None) -> bool:
        """Whether the key matches the text. False if the effort has run out."""
        effort = effort or Effort()
        if self.expression is not None:
            return effort.make(AN_EXPRESSION + len(read.text) // MATCHED_AT_ONCE) and self._found(read) is not None
        if self.piece:
            return self._is_in(read.clean if self.is_case_sensitive else read.folded, effort)
        return next(self._starts(read, effort), None) is not None

    def words_in(self, read: ReadText, effort: Effort | None = None) -> str:
        """The words that the key matches, as the text writes them; a piece of text is returned as the key writes it.
        Empty if there is no match.
        """
        effort = effort or Effort()
        if self.expression is not None:
            found = self._found(read) if self.fires_on(read, effort) else None
            return found[0] if found else ""
        if self.piece or not self.parts:
            return self.written if self.fires_on(read, effort) else ""
        start = min(self._starts(read, effort), default=None)
        words = () if start is None else read.words[start : start + len(self.parts)]
        return " ".join(word.written for word in words)

    def _found(self, read: ReadText) -> Any:
        return self.expression.search(read.text)

    def _is_in(self, text: str, effort: Effort) -> bool:
        if not effort.make(1 + len(text) // SEARCHED_AT_ONCE):
            return False
        place = text.find(self.piece)
        while place >= 0 and self.is_whole and not self._is_alone(text, place):
            if not effort.make(1):
                return False
            place = text.find(self.piece, place + 1)
        return place >= 0

    def _is_alone(self, text: str, place: int) -> bool:
        end = place + len(self.piece)
        grows_before = self.piece[0].isalnum() and text[place - 1 : place].isalnum()
        return not grows_before and not text[end : end + 1].isalnum()

    def _starts(self, read: ReadText, effort: Effort) -> Iterator[int]:
        """The indices of the words in the text at which the key begins, in no particular order."""
        if not self.parts or not effort.make(len(self.parts)):
            return
        anchor, places = self._by_pattern(read, effort) if self.patterns else self._by_root(read)
        last = len(read.words) - len(self.parts)
        for place in places:
            if not effort.make(len(self.parts)):
                return
            start = place - anchor
            if 0 <= start <= last and self._stands_at(read.words, start):
                yield start

    def _by_root(self, read: ReadText) -> tuple[int, Iterable[int]]:
        """The index of the part that is rarest in the text, and where it occurs there. The search ends at a part that
        does not occur at all.
        """
        least, anchor, found = inf, 0, list[list[int]]()
        for number, part in enumerate(self.parts):
            places = [read.at_root[root] for root in part.roots if root in read.at_root]
            times = sum(map(len, places))
            if times < least:
                least, anchor, found = times, number, places
            if not places:
                break
        return anchor, chain.from_iterable(found)

    def _by_pattern(self, read: ReadText, effort: Effort) -> tuple[int, Iterable[int]]:
        """The index of the part with the longest text apart from wildcards at its ends, and where it occurs. All
        distinct words of the text are searched in one pass.
        """
        anchor = max(range(len(self.parts)), key=lambda number: len(self.parts[number].folded.strip(WILDCARDS)))
        forms = read.written_forms if self.is_case_sensitive else read.forms
        pattern = self.patterns[anchor]
        if pattern is None or not effort.make(AN_EXPRESSION + len(forms) // MATCHED_AT_ONCE):
            return anchor, ()
        return anchor, (place for found in pattern.finditer(forms) for place in read.at_root.get(fold(found[0]), ()))

    def _stands_at(self, words: Sequence[Word], start: int) -> bool:
        return all(self._is(number, words, start + number) for number in range(len(self.parts)))

    def _is(self, number: int, words: Sequence[Word], place: int) -> bool:
        part, word = self.parts[number], words[place]
        if number and word.is_first and not part.is_first:
            return False
        if self.patterns:
            pattern = self.patterns[number]
            seen = word.written if self.is_case_sensitive else word.folded
            return pattern is not None and pattern.fullmatch(seen) is not None
        if self.is_case_sensitive:
            return part.written == word.written
        if self.is_name and word.written.islower():
            before = "" if word.is_first or not place else words[place - 1].folded
            if is_likelier_another(word.folded, part.folded, before):
                return False
        return any(root == word.folded or root in word.roots for root in part.roots)


def read_key(
    written: str, *, is_case_sensitive: bool = False, is_expression: bool = False, whole_words: bool = True
) -> Key:
    """Compile a key. An invalid regular expression never fires, which is logged."""
    expression = expression_in(written, is_expression=is_expression, is_case_sensitive=is_case_sensitive)
    if expression:
        return Key(written, expression=compiled(expression))
    text = without_unseen(written.strip())
    is_quoted = len(text) > 1 and QUOTES.get(text[0]) == text[-1]
    text = text[1:-1] if is_quoted else text[:LONGEST_KEY]
    if not whole_words and not is_quoted:
        return _piece(written, text, is_case_sensitive=is_case_sensitive)
    if any(sign in text for sign in WILDCARDS) and not is_quoted and PART.search(text):
        return _with_wildcards(written, text, is_case_sensitive=is_case_sensitive)
    if WITHOUT_SPACES.search(text) or _is_symbol(text):
        return _piece(written, text, is_case_sensitive=is_case_sensitive)
    if any(sign in text for sign in SIGNS_OF_A_WORD):
        return _piece(written, text, is_case_sensitive=is_case_sensitive, is_whole=True)
    is_exact = is_quoted or is_case_sensitive
    is_name = not is_exact and is_capitalised_word(text) and is_known_name(fold(text))
    parts = words_of_key(text, is_exact=is_exact)
    return Key(written, parts, is_case_sensitive=is_case_sensitive, is_name=is_name)


def has_something_to_find(written: str, *, whole_words: bool = True) -> bool:
    """Whether a key that is not a regular expression has anything in it that a text may contain."""
    text = without_unseen(written.strip())
    if len(text) > 1 and QUOTES.get(text[0]) == text[-1]:
        text, whole_words = text[1:-1], True
    if not whole_words:
        return bool(text)
    return bool(PART.search(text)) or _is_symbol(text) or any(sign in text for sign in SIGNS_OF_A_WORD)


def _is_symbol(text: str) -> bool:
    return PART.search(text) is None and any(unicodedata.category(sign).startswith("S") for sign in text)


def _piece(written: str, text: str, *, is_case_sensitive: bool, is_whole: bool = False) -> Key:
    piece = text.strip() if is_case_sensitive else fold(text.strip())
    return Key(written, is_case_sensitive=is_case_sensitive, piece=piece, is_whole=is_whole)


def _with_wildcards(written: str, text: str, *, is_case_sensitive: bool) -> Key:
    tokens = [token for token in text.split() if PART.search(token)]
    words = tuple(Word(token, token if is_case_sensitive else fold(token), ()) for token in tokens)
    patterns = tuple(compiled(Expression(f"^{_pattern(word.folded)}$", "m")) for word in words)
    return Key(written, words, is_case_sensitive=is_case_sensitive, patterns=patterns)


def _pattern(token: str) -> str:
    r"""The expression that a word must match: `*` is any number of letters, `?` is one."""
    return "".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in token)
