"""Forms of English words: «cities» is a form of «city».

Only inflectional endings are removed. Unlike a stemmer, this keeps the endings that make another word: «animated» is
not a form of «animal». Most irregular verbs are not known: «made» is not recognised as a form of «make».
"""

from __future__ import annotations

import re

SHORTEST = 3
NEVER_DOUBLED = "aeiouhwxy"
VOWEL = re.compile(r"[aeiouy]")
ONE_SYLLABLE = re.compile(r"^[^aeiouy]*[aeiouy][^aeiouywx]$|^[^aeiouy]*qu[aeiouy][^aeiouywx]$")
IRREGULAR = {
    "freed": "free",
    "agreed": "agree",
    "disagreed": "disagree",
    "decreed": "decree",
    "guaranteed": "guarantee",
    "men": "man",
    "women": "woman",
    "children": "child",
    "mice": "mouse",
    "geese": "goose",
    "feet": "foot",
    "teeth": "tooth",
    "oxen": "ox",
    "dying": "die",
    "lying": "lie",
    "tying": "tie",
    "dice": "die",
    "news": "news",
    "elves": "elf",
    "dwarves": "dwarf",
    "wolves": "wolf",
    "werewolves": "werewolf",
    "knives": "knife",
    "wives": "wife",
    "leaves": "leaf",
    "thieves": "thief",
    "halves": "half",
    "selves": "self",
    "shelves": "shelf",
    "loaves": "loaf",
    "scarves": "scarf",
    "hooves": "hoof",
    "calves": "calf",
    "evening": "evening",
    "morning": "morning",
    "nothing": "nothing",
    "something": "something",
    "during": "during",
    "hundred": "hundred",
}


def bases_of(word: str) -> tuple[str, ...]:
    """The words that a folded word may be a form of, itself first. Two words are forms of one if they share a base."""
    if known := IRREGULAR.get(word):
        return tuple(dict.fromkeys((word, known)))
    return tuple(dict.fromkeys((word, *(base for base in _stripped(word) if len(base) >= SHORTEST))))


def _stripped(word: str) -> list[str]:
    if word.endswith(("ies", "ied")):
        return [f"{word[:-3]}y", word[:-1]]
    if word.endswith(("ses", "shes", "ches", "xes", "zes", "oes")):
        return [word[:-2], word[:-1]]
    if word.endswith("s"):
        return [] if word.endswith(("ss", "us", "is")) else [word[:-1]]
    if word.endswith("eed"):
        return []  # «seed» is not a form of «see»
    for ending in ("ing", "ed"):
        root = word.removesuffix(ending)
        if root != word and VOWEL.search(root):
            return _verbs(root)
    return []


def _verbs(root: str) -> list[str]:
    """The verbs that `root` may come from, once `ing` or `ed` is removed: «stopp» from «stop», «mak» from «make»,
    «walk» from «walk».
    """
    if len(root) > 1 and root[-1] == root[-2] and root[-1] not in NEVER_DOUBLED:
        return [root[:-1], root]
    if ONE_SYLLABLE.match(root):
        return [f"{root}e"]
    return [root, f"{root}e"]
