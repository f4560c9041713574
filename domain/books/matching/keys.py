"""Keys of a lorebook: what they fire on in a text, in Russian and in English.

A key fires on whole words, in whatever form: «Москва» on «в Москве», «кот» on «котом» and never inside «который».
A phrase fires on its words in a row, each in any form, within a sentence. ё is the same as е, and case makes no
difference unless the entry says so. A key in quotes fires on exactly this form. `*` and `?` stand for letters. `/…/` is
a regular expression, matched in linear time. What has no words (an emoji) or whose writing has no spaces between them
(«東京») fires wherever it stands, as do all keys of an entry that does not want whole words.

The text is read once, whatever number of keys there are: its words are looked up by their roots (words.py).
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
from domain.books.matching.words import PART, ReadText, Word, without_unseen, words_of_key
from storage.text_search import fold

QUOTES = {'"': '"', "«": "»", "“": "”", "„": "“", "'": "'"}
WILDCARDS = "*?"
SIGNS_OF_A_WORD = "+#@$%"
"""What makes another word of one: «C++»."""
WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)
"""Thai, Lao, Burmese, Chinese, Japanese, Korean: words stand together, or grow by what is put behind them."""
LONGEST_KEY = 200
AN_EXPRESSION = 10
"""What it takes to search a text for one, however short the text is, measured in words compared (effort.py)."""
MATCHED_AT_ONCE, SEARCHED_AT_ONCE = 200, 1_000
"""Characters in which an expression, or a piece of text, is looked for in the time of comparing one word."""


@dataclass(frozen=True, eq=False, slots=True)
class Key:
    """One key of an entry, made ready. It has `parts`, its words, or a `piece` of text, or an `expression`; a key with
    none of them never fires.
    """

    written: str
    parts: tuple[Word, ...] = ()
    is_case_sensitive: bool = False
    patterns: tuple[Any, ...] = ()
    """For each part with `*` or `?` in it (Agnai's keys), what it stands for."""
    piece: str = ""
    is_whole: bool = False
    """Whether no letter or digit may stand beside the piece."""
    expression: Any = None

    @property
    def is_found_by_root(self) -> bool:
        """Otherwise it must be tried on each text, since it is not made of words."""
        return bool(self.parts) and not self.patterns

    @property
    def can_fire(self) -> bool:
        return bool(self.parts or self.piece) or self.expression is not None

    def fires_on(self, read: ReadText, effort: Effort | None = None) -> bool:
        """Where no more effort may be made it does not."""
        effort = effort or Effort()
        if self.expression is not None:
            return effort.make(AN_EXPRESSION + len(read.text) // MATCHED_AT_ONCE) and self._found(read) is not None
        if self.piece:
            return self._is_in(read.clean if self.is_case_sensitive else read.folded, effort)
        return next(self._starts(read, effort), None) is not None

    def words_in(self, read: ReadText, effort: Effort | None = None) -> str:
        """What of the text it fires on, as it is written there; empty: it does not."""
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
        """At which words of the text it begins, in no order."""
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
        """The part of which the text has the least, and where that stands: a part that is not there ends it at once."""
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
        """The part that says most. All different words of the text are searched at once."""
        anchor = max(range(len(self.parts)), key=lambda number: len(self.parts[number].folded.strip(WILDCARDS)))
        forms = read.written_forms if self.is_case_sensitive else read.forms
        pattern = self.patterns[anchor]
        if pattern is None or not effort.make(AN_EXPRESSION + len(forms) // MATCHED_AT_ONCE):
            return anchor, ()
        return anchor, (place for found in pattern.finditer(forms) for place in read.at_root.get(fold(found[0]), ()))

    def _stands_at(self, words: Sequence[Word], start: int) -> bool:
        return all(self._is(number, words[start + number]) for number in range(len(self.parts)))

    def _is(self, number: int, word: Word) -> bool:
        part = self.parts[number]
        if number and word.is_first and not part.is_first:
            return False
        if self.patterns:
            pattern = self.patterns[number]
            seen = word.written if self.is_case_sensitive else word.folded
            return pattern is not None and pattern.fullmatch(seen) is not None
        if self.is_case_sensitive:
            return part.written == word.written
        return any(root == word.folded or root in word.roots for root in part.roots)


def read_key(
    written: str, *, is_case_sensitive: bool = False, is_expression: bool = False, whole_words: bool = True
) -> Key:
    """The key made ready. An invalid regular expression never fires, and the log says so."""
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
    return Key(written, words_of_key(text, is_exact=is_exact), is_case_sensitive=is_case_sensitive)


def has_something_to_find(written: str, *, whole_words: bool = True) -> bool:
    """Whether there is anything in a key, no expression, that a text may hold."""
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
    r"""What a word must be: `*` is any number of letters, `?` is one."""
    return "".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in token)
