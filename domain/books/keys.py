"""Keys of a lorebook: what they fire on in a text, in Russian and in English.

A key fires on whole words, in whatever form: «Москва» on «в Москве», «кот» on «котом» and never inside «который».
A phrase fires on its words in a row, each in any form. ё is the same as е, and case makes no difference unless the
entry says so. A key in quotes fires on exactly this form. `/…/` is a regular expression, matched in linear time.

Two words of the dictionary are forms of one word if it says so («мать» is not «мат»); of the others their stems tell.
The text is read once, whatever number of keys there are: its words are looked up by these roots.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from domain.dictionary import LIKELY, dictionary
from domain.stemming import roots
from storage.text_search import fold

log = logging.getLogger(__name__)

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
PART = re.compile(r"[^\W_]+")
QUOTES = {'"': '"', "«": "»", "“": "”", "„": "“", "'": "'"}
EXPRESSION = re.compile(r"^/(.+)/([a-z]*)$", re.DOTALL)
WILDCARDS = "*?"
LONGEST_KEY = 200
LONGEST_EXPRESSION = 1_000
MEMORY_OF_AN_EXPRESSION = 1 << 20
"""Bytes that a compiled one may take: `(a{1000}){1000}` is refused instead of filling the memory."""


@dataclass(frozen=True)
class Word:
    """A word of a text: as written, folded, and its roots."""

    written: str
    folded: str
    roots: tuple[str, ...]


@dataclass(frozen=True)
class ReadText:
    """A text read once for any number of keys."""

    text: str
    folded: str
    words: list[Word]
    at_root: dict[str, list[int]] = field(repr=False)
    """Where in `words` each root and each folded word stands."""


def read_text(text: str) -> ReadText:
    """Slow with words that were not met before (a dictionary is asked): in a thread."""
    words = [word for found in WORD.finditer(text) for word in _words_of(found[0], text_roots)]
    at_root: defaultdict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(words):
        for root in {*word.roots, word.folded}:
            at_root[root].append(place)
    return ReadText(text, fold(text), words, dict(at_root))


@dataclass(frozen=True)
class Key:
    """One key of an entry, made ready. `parts` are its words, or there is an `expression`; a key with neither never
    fires.
    """

    written: str
    parts: tuple[Word, ...] = ()
    is_exact: bool = False
    is_case_sensitive: bool = False
    patterns: tuple[Any, ...] = ()
    """For each part with `*` or `?` in it (Agnai's keys), what it stands for."""
    expression: Any = None
    piece: str = ""
    """What may stand anywhere in a text, also inside a word."""

    @property
    def roots(self) -> Iterator[str]:
        """Under which of a text's words it is to be looked for; none: it must be tried on each text."""
        if self.parts and not self.patterns:
            first = self.parts[0]
            yield from {first.folded} if self.is_exact else {first.folded, *first.roots}

    def fires_on(self, read: ReadText) -> bool:
        if self.expression is not None:
            return self.expression.search(read.text) is not None
        if self.piece:
            return self.piece in (read.text if self.is_case_sensitive else read.folded)
        if not self.parts:
            return False
        if self.patterns:
            return any(self._stands_at(read.words, place) for place in range(len(read.words)))
        places = {place for root in self.roots for place in read.at_root.get(root, ())}
        return any(self._stands_at(read.words, place) for place in sorted(places))

    def _stands_at(self, words: Sequence[Word], place: int) -> bool:
        if place + len(self.parts) > len(words):
            return False
        return all(self._is(number, words[place + number]) for number in range(len(self.parts)))

    def _is(self, number: int, word: Word) -> bool:
        part = self.parts[number]
        if self.patterns:
            pattern = self.patterns[number]
            seen = word.written if self.is_case_sensitive else word.folded
            return pattern is not None and pattern.fullmatch(seen) is not None
        if self.is_case_sensitive:
            return part.written == word.written
        if part.folded == word.folded:
            return True
        return not self.is_exact and not set(part.roots).isdisjoint(word.roots)


def read_key(
    written: str, *, is_case_sensitive: bool = False, is_expression: bool = False, whole_words: bool = True
) -> Key:
    """The key made ready. An invalid regular expression never fires, and the log says so."""
    stripped = written.strip()
    found = EXPRESSION.match(stripped)
    if is_expression or found:
        body, flags = (found[1], found[2]) if found else (stripped, "" if is_case_sensitive else "i")
        return Key(written, expression=_expression(body, flags))
    is_quoted = len(stripped) > 1 and QUOTES.get(stripped[0]) == stripped[-1]
    text = stripped[1:-1] if is_quoted else stripped[:LONGEST_KEY]
    if not whole_words and not is_quoted:
        return Key(written, is_case_sensitive=is_case_sensitive, piece=text if is_case_sensitive else fold(text))
    if any(sign in text for sign in WILDCARDS) and not is_quoted:
        return _with_wildcards(written, text, is_case_sensitive=is_case_sensitive)
    parts = tuple(word for found in WORD.finditer(text) for word in _words_of(found[0], key_roots))
    return Key(written, parts, is_exact=is_quoted, is_case_sensitive=is_case_sensitive)


def is_valid_expression(written: str, *, is_expression: bool = False) -> bool:
    """Whether it can be matched; whatever is meant as words can."""
    stripped = written.strip()
    found = EXPRESSION.match(stripped)
    if not is_expression and found is None:
        return True
    return _expression(found[1] if found else stripped, found[2] if found else "") is not None


def _words_of(written: str, roots_of: Callable[[str], tuple[str, ...]]) -> Iterable[Word]:
    """A word with a hyphen is its parts, so that «Нью-Йорк» fires on «Нью Йорке» as well."""
    for part in PART.findall(written):
        folded = fold(part)
        yield Word(part, folded, roots_of(folded))


@lru_cache(maxsize=20_000)
def text_roots(word: str) -> tuple[str, ...]:
    """Of a word in a text: its dictionary forms, its stem, and whether that is all that is known of it."""
    forms, stem = _dictionary_forms(word), roots(word)[0]
    return (*(f"={form}" for form in forms), f"~{stem}", *(() if forms else (f"?{stem}",)))


@lru_cache(maxsize=20_000)
def key_roots(word: str) -> tuple[str, ...]:
    """Of a word in a key: what a text's word must be to be a form of it."""
    forms, stem = _dictionary_forms(word), roots(word)[0]
    return (*(f"={form}" for form in forms), f"?{stem}") if forms else (f"~{stem}",)


def _dictionary_forms(word: str) -> list[str]:
    if not any("а" <= sign <= "я" for sign in word):
        return []
    known = (parse for parse in dictionary().parse(word) if parse.is_known and parse.score >= LIKELY)
    return list(dict.fromkeys(fold(parse.normal_form) for parse in known))


def _with_wildcards(written: str, text: str, *, is_case_sensitive: bool) -> Key:
    tokens = [token for token in text.split() if PART.search(token)]
    words = tuple(Word(token, token if is_case_sensitive else fold(token), ()) for token in tokens)
    patterns = tuple(_expression(_pattern(word.folded), "s") for word in words)
    return Key(written, words, is_exact=True, is_case_sensitive=is_case_sensitive, patterns=patterns)


def _pattern(token: str) -> str:
    r"""What a word must be: `*` is any number of letters, `?` is one."""
    return "".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in token)


def _expression(body: str, flags: str) -> Any:
    import re2  # loaded with the first book that needs it

    if len(body) > LONGEST_EXPRESSION:
        return None
    options = re2.Options()
    options.max_mem = MEMORY_OF_AN_EXPRESSION
    options.log_errors = False
    known = "".join(sorted({*flags} & {*"ims"}))
    try:
        return re2.compile(f"(?{known}){body}" if known else body, options)
    except re2.error as error:
        log.info("A key of a book is no regular expression that can be matched: %s", error)
        return None
