"""Search terms: the words of characters' cards as they are indexed, and a user's input as it is searched for.

A word matches by prefix and, whatever its inflection, by its stem («Москве» finds «Москва») and by the stem of its
dictionary form («любви» finds «любовь», «люди» «человек»); ё equals е. The input may also have been typed in the wrong
keyboard layout («fukfz») or be transliterated Russian («Aglaya»).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from domain.model.character import Character
from domain.stemming import roots
from storage.full_text import LONGEST_TOKEN, TOKEN, FullText, SearchQuery, Term
from storage.text_search import fold

SEARCH_LIMIT = 100
"""Maximum characters of the input that are searched for."""
PARTS = ("name", "teaser", "interests", "bio")
"""Parts of a card, the most significant first."""
SHORT = 2
"""Maximum letters of words that match as prefixes only in names: too many words begin with them."""
KEPT = FullText("character_words", PARTS)

LATIN_KEYS = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
RUSSIAN_KEYS = "йцукенгшщзхъфывапролджэячсмитьбюё"
TO_RUSSIAN = str.maketrans(LATIN_KEYS + '{}:"<>~', RUSSIAN_KEYS + "хъжэбюё")
TO_LATIN = str.maketrans(RUSSIAN_KEYS, LATIN_KEYS)
SPELLED = (
    *(("shch", "щ"), ("sch", "щ"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("ch", "ч"), ("sh", "ш"), ("yu", "ю")),
    *(("ya", "я"), ("yo", "е"), ("ye", "е"), ("iu", "ю"), ("ia", "ия"), ("iy", "ий"), ("ay", "ай"), ("ey", "ей")),
    *(("oy", "ой"), ("uy", "уй")),
    *zip("abvgdezijklmnoprstufhcywq'", "абвгдезийклмнопрстуфхцывкь", strict=True),
    ("x", "кс"),
)
"""Transliteration of Russian, the longer spellings first."""


def card_words(character: Character, roots_of: Callable[[str], tuple[str, ...]] = roots) -> dict[str, set[str]]:
    """The words of each part, with their roots."""
    texts = _texts(character)
    return {part: {form for word in _words(text) for form in (word, *roots_of(word))} for part, text in texts.items()}


def plain_words_of(character: Character) -> set[str]:
    """All of its words, whose roots `card_words` asks for."""
    return {word for text in _texts(character).values() for word in _words(text)}


def _texts(character: Character) -> dict[str, str]:
    return {
        "name": character.name,
        "teaser": character.teaser,
        "interests": " ".join(character.interests),
        "bio": character.bio,
    }


def search_queries(typed: str) -> list[SearchQuery]:
    """The queries by relevance: the exact words in the name, then any form of them there, then in one more part of the
    card each time.

    Each includes the hits of the previous ones. A single letter is searched for only in names. Empty: no word was
    typed.
    """
    meant = list(dict.fromkeys(tuple(_telling(_words(each))) for each in _readings(typed[:SEARCH_LIMIT].lower())))
    meant = [words for words in meant if words]
    if not meant or not _words(typed[:SEARCH_LIMIT]):
        return []
    whole = [[[Term(word)] for word in words] for words in meant]
    question = [[_terms(word) for word in words] for words in meant]
    steps = 1 if all(len(word) == 1 for words in meant for word in words) else len(PARTS)
    return [SearchQuery(whole, PARTS[:1]), *(SearchQuery(question, PARTS[: n + 1]) for n in range(steps))]


def widest_query(typed: str) -> SearchQuery | None:
    """The widest of `search_queries`; None if no word was typed."""
    return next(reversed(search_queries(typed)), None)


def _words(text: str) -> list[str]:
    folded = fold(unicodedata.normalize("NFKC", text))
    return list(dict.fromkeys(word[:LONGEST_TOKEN] for word in TOKEN.findall(folded)))


def _telling(words: list[str]) -> list[str]:
    """The words without stop words («и», «в», «с»), unless there is nothing else."""
    return [word for word in words if len(word) > 1 or not word.isalpha()] or words


def _terms(word: str) -> list[Term]:
    if len(word) <= SHORT:
        return [Term(word, begins=True, only_in="name"), Term(word)]
    return [Term(word, begins=True), *(Term(root) for root in roots(word))]


def _readings(typed: str) -> list[str]:
    """The input as typed, and as it would be in the other keyboard layout or alphabet."""
    has_latin = any("a" <= sign <= "z" for sign in typed)
    has_russian = any("а" <= sign <= "ё" for sign in typed)
    if has_latin and not has_russian:
        return [typed, typed.translate(TO_RUSSIAN), _spelled_out(typed)]
    if has_russian and not has_latin:
        return [typed, typed.translate(TO_LATIN)]
    return [typed]


def _spelled_out(typed: str) -> str:
    for latin, russian in SPELLED:
        typed = typed.replace(latin, russian)
    return typed
