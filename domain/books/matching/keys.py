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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from domain.books.matching.expressions import Expression, compiled, expression_in
from domain.books.matching.words import PART, ReadText, Word, key_roots, without_unseen, words_of_key
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


@dataclass(frozen=True)
class Key:
    """One key of an entry, made ready. It has `parts`, its words, or a `piece` of text, or an `expression`; a key with
    none of them never fires.
    """

    written: str
    parts: tuple[Word, ...] = ()
    is_exact: bool = False
    is_case_sensitive: bool = False
    patterns: tuple[Any, ...] = ()
    """For each part with `*` or `?` in it (Agnai's keys), what it stands for."""
    piece: str = ""
    is_whole: bool = False
    """Whether no letter or digit may stand beside the piece."""
    expression: Any = None

    @property
    def roots(self) -> Iterator[str]:
        """Under which of a text's words it is to be looked for; none: it must be tried on each text."""
        if self.parts and not self.patterns:
            first = self.parts[0].folded
            yield from {first} if self.is_exact else {first, *key_roots(first)}

    def fires_on(self, read: ReadText) -> bool:
        if self.expression is not None:
            return self.expression.search(read.text) is not None
        if self.piece:
            return self._is_in(read.clean if self.is_case_sensitive else read.folded)
        if not self.parts:
            return False
        if self.patterns:
            return any(self._stands_at(read.words, place) for place in range(len(read.words)))
        places = {place for root in self.roots for place in read.at_root.get(root, ())}
        return any(self._stands_at(read.words, place) for place in sorted(places))

    def words_in(self, read: ReadText) -> str:
        """What of the text it fires on, as it is written there; empty: it does not."""
        if self.expression is not None:
            found = self.expression.search(read.text)
            return found[0] if found else ""
        if self.piece or not self.parts:
            return self.written if self.fires_on(read) else ""
        place = next((place for place in range(len(read.words)) if self._stands_at(read.words, place)), None)
        words = () if place is None else read.words[place : place + len(self.parts)]
        return " ".join(word.written for word in words)

    def _is_in(self, text: str) -> bool:
        place = text.find(self.piece)
        while place >= 0 and self.is_whole and not self._is_alone(text, place):
            place = text.find(self.piece, place + 1)
        return place >= 0

    def _is_alone(self, text: str, place: int) -> bool:
        end = place + len(self.piece)
        grows_before = self.piece[0].isalnum() and text[place - 1 : place].isalnum()
        return not grows_before and not text[end : end + 1].isalnum()

    def _stands_at(self, words: Sequence[Word], place: int) -> bool:
        if place + len(self.parts) > len(words):
            return False
        return all(self._is(number, words[place + number]) for number in range(len(self.parts)))

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
        if part.folded == word.folded:
            return True
        return not self.is_exact and not set(key_roots(part.folded)).isdisjoint(word.roots)


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
    return Key(written, words_of_key(text), is_exact=is_quoted, is_case_sensitive=is_case_sensitive)


def _is_symbol(text: str) -> bool:
    return PART.search(text) is None and any(unicodedata.category(sign).startswith("S") for sign in text)


def _piece(written: str, text: str, *, is_case_sensitive: bool, is_whole: bool = False) -> Key:
    piece = text.strip() if is_case_sensitive else fold(text.strip())
    return Key(written, is_case_sensitive=is_case_sensitive, piece=piece, is_whole=is_whole)


def _with_wildcards(written: str, text: str, *, is_case_sensitive: bool) -> Key:
    tokens = [token for token in text.split() if PART.search(token)]
    words = tuple(Word(token, token if is_case_sensitive else fold(token), ()) for token in tokens)
    patterns = tuple(compiled(Expression(_pattern(word.folded), "s")) for word in words)
    return Key(written, words, is_exact=True, is_case_sensitive=is_case_sensitive, patterns=patterns)


def _pattern(token: str) -> str:
    r"""What a word must be: `*` is any number of letters, `?` is one."""
    return "".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in token)
