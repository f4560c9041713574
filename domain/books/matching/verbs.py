"""Pairs of Russian verbs: to the author of a key «умирать» and «умереть» are one word, to the dictionary they are two.

An imperfective verb that is derived from a perfective one by its ending is traced back to it; the verb that the rules
yield must be in the dictionary. «ся» does not make another word either: «целоваться» counts as «целовать».
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from domain.dictionary import dictionary

if TYPE_CHECKING:
    from pymorphy3.analyzer import Parse

ENDINGS = (
    (re.compile(r"[иы]вать$"), ("ать", "ить", "еть", "нуть")),  # рассказывать, вздрагивать
    (re.compile(r"вать$"), ("ть",)),  # открывать, узнавать
    (re.compile(r"ирать$"), ("ереть", "рать")),  # умирать, собирать
    (re.compile(r"инать$"), ("ать", "ять")),  # начинать
    (re.compile(r"имать$"), ("ять",)),  # понимать
    (re.compile(r"[ая]ть$"), ("ить", "еть", "нуть")),  # решать, исчезать
    (re.compile(r"ходить$"), ("йти",)),  # находить
)


def infinitives_of(lemma: str, parse: Parse) -> tuple[str, ...]:
    """The infinitives by which a verb is known besides its dictionary form."""
    bare = lemma[:-2] if lemma.endswith(("ться", "тись", "чься")) else lemma
    others = [] if bare == lemma else [bare]
    if "impf" in parse.tag:
        pair = next(
            (verb for made in _made_of(bare) for verb in dict.fromkeys((made, f"{made}ся")) if _is_pair(verb)), ""
        )
        others += [pair] if pair else []
    return tuple(others)


def _made_of(verb: str) -> Iterator[str]:
    for rule, endings in ENDINGS:
        if found := rule.search(verb):
            yield from (verb[: found.start()] + ending for ending in endings)


def _is_pair(verb: str) -> bool:
    """Whether it is a perfective verb and nothing else. «пахнуть» may be both, and is unrelated to «пахать»."""
    known = dictionary()
    if not known.word_is_known(verb):  # fast; guessing the parses of unknown words takes a hundred times as long
        return False
    return all("perf" in parse.tag for parse in known.parse(verb) if parse.is_known)
