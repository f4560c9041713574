"""Pairs of Russian verbs: «умирать» and «умереть» are one word to whoever writes a key, two to a dictionary.

The imperfective ones that are made of a perfective by their ending are led back to it; what the rules make must be in
the dictionary. «ся» makes no other word of a verb either: «целоваться» and «целовать».
"""

from __future__ import annotations

import re
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
    """By which a verb is known besides its dictionary form."""
    bare = lemma.removesuffix("ся").removesuffix("сь") if lemma.endswith(("ться", "тись", "чься")) else lemma
    others = [] if bare == lemma else [bare]
    if "impf" in parse.tag:
        made = (
            bare[: found.start()] + ending
            for rule, endings in ENDINGS
            if (found := rule.search(bare))
            for ending in endings
        )
        others += [verb for verb in made if _is_perfective(verb)][:1]
    return tuple(others)


def _is_perfective(verb: str) -> bool:
    known = dictionary()
    if not known.word_is_known(verb):  # which is quickly told; a guess at the rest would take a hundred times as long
        return False
    return any(parse.is_known and "INFN" in parse.tag and "perf" in parse.tag for parse in known.parse(verb))
