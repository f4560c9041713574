"""Words to look for in a dialog's past before a reply: the telling words of the newest message, and whether it asks for
memory; pure code.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from domain.memory.recall.telling_words import are_quick, telling_roots, words_of
from domain.memory.sentences import SENTENCE
from storage.text_search import fold

MOST_WORDS = 16
"""Maximum words taken from a message, since each is looked up."""
ASKS = re.compile(
    r"\b(?:помн(?:ишь|ите|ит)|(?:на|вс|при|за)помн\w+|не забы(?:л|ла|ли|вай|вайте)|забыл[аи]?,? (?:что|как|кто|где)"
    r"|говори(?:л|ла|ли)|рассказ(?:ал|ала|али|ывал|ывала|ывали)|(?:по)?обеща(?:л|ла|ли)"
    r"|упом(?:янул|янула|янули|инал|инала|инали)|договорились|договаривались|назвал[аи]?|называл[аи]?"
    r"|тогда|прошлый раз|тот раз|зовут|звали"
    r"|remember\w*|recall\w*|remind\w*|forgotten|forgot (?:what|how|who|where|when|which)|did i tell|told (?:you|me)"
    r"|promised|mentioned|you said|i said|last time|back then|name)\b"
)
"""Words that show that the person wants to hear what was said before."""
FIRST_PERSON = re.compile(
    r"\b(?:я|меня|мне|мн(?:ой|ою)|мо(?:й|я|е|и|его|ей|ему|им|их|ими|ем|ю)|мы|нас|нам|нами|наш\w{0,3}"
    r"|i|me|my|mine|we|us|our|ours)\b"
)
ASKING = re.compile(
    r"\b(?:кто|кого|кому|кем|что|чего|чему|чем|где|куда|откуда|когда|как|как(?:ой|ая|ое|ие|ого|ую|их|им|ом)|почему"
    r"|зачем|сколько|чей|чья|чье|чьи|котор\w+|who|whom|whose|what|where|when|which|why|how)\b"
)
QUICK = 2_000
"""Maximum characters of a text that may be handled without a thread."""


@dataclass(frozen=True)
class SoughtWord:
    """A folded word, and the roots under which it is indexed."""

    word: str
    roots: tuple[str, ...]


@dataclass(frozen=True)
class Sought:
    words: tuple[SoughtWord, ...] = ()
    asks: bool = False
    """Whether the message asks for what was said before, so that whatever fits best is worth quoting."""
    is_own: bool = True
    """Whether the words are from the message itself, not from the reply before it."""


def sought_in(question: str, reply_before: str, names: Sequence[str]) -> Sought | None:
    """The words to look for; None if there are none. A message without telling words is taken to be about the reply
    before it. `names` are the names of both speakers, which are ignored because they are said all the time.

    It loads the dictionary: call it in a thread.
    """
    of_both = _of_both(names)
    own = _telling(_questions_first(question), of_both)
    telling = own or _telling(reply_before, of_both)
    if not telling:
        return None
    words = [SoughtWord(word, roots) for roots, word in telling.items()]
    return Sought(tuple(words[:MOST_WORDS]), asks_for_memory(question), is_own=bool(own))


def is_quick(question: str, reply_before: str, names: Sequence[str]) -> bool:
    """Whether `sought_in` takes only a millisecond or two, so that no thread is needed: the texts are short, and the
    roots of nearly all their words are cached.
    """

    def are_short(*texts: str) -> bool:
        words = (word for text in texts for word in words_of(text))
        return all(len(text) <= QUICK for text in texts) and are_quick(words)

    if not are_short(question, *names):
        return False
    return bool(_telling(question, _of_both(names))) or are_short(reply_before)


def asks_for_memory(message: str) -> bool:
    """Whether the message speaks of remembering, or asks something about its author."""
    return any(map(_asks, SENTENCE.findall(fold(message))))


def _asks(sentence: str) -> bool:
    if ASKS.search(sentence):
        return True
    return bool(FIRST_PERSON.search(sentence) and ("?" in sentence or ASKING.match(sentence.lstrip(" ,—-«"))))


def _questions_first(message: str) -> str:
    return " ".join(sorted(SENTENCE.findall(message), key=lambda sentence: "?" not in sentence))


def _of_both(names: Sequence[str]) -> set[str]:
    return {root for name in names for word in words_of(name) for root in telling_roots(word)}


def _telling(text: str, of_both: set[str]) -> dict[tuple[str, ...], str]:
    """The distinct telling words of a text in their order, by their roots, without those `of_both` speakers."""
    found: dict[tuple[str, ...], str] = {}
    known: set[str] = set()
    for word in words_of(text):
        roots = telling_roots(word)
        if roots and of_both.isdisjoint(roots) and known.isdisjoint(roots):
            found[roots] = word
            known.update(roots)
    return found
