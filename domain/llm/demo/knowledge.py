"""Demo model, knowledge: a sentence of a lorebook entry that answers a question."""

from __future__ import annotations

import re

from domain.llm.demo.first_person import LONGEST, RULE, SHORTEST, UNTURNED, first_person
from domain.llm.demo.repertoire import plain, stems
from domain.llm.demo.scene import Scene

SENTENCE = re.compile(r"[^.!?…\n]+[.!?…]+")
MARKUP = re.compile(r"[\[\]{}<>*_=|#@:;/\\]|\d\.")
"""Signs of notes and lists, which do not occur in speech."""
OF_SOMEBODY = re.compile(
    r"\b(you|your|he|she|him|her|his|they|them|their|user|must|should|never|always|secret|reply|\w*character)\b",
    re.IGNORECASE,
)
FEW = 2
"""Minimum words that a sentence of an entry shares with the question, if the question has as many."""


def answer_from_lore(scene: Scene) -> str:
    """The sentence that shares most with the question, in the character's mouth; "" if none certainly answers it."""
    heard = stems(scene.plain)
    if not scene.asks or not heard:
        return ""
    fitting: list[tuple[int, str]] = []
    for text in scene.lore:
        for sentence in SENTENCE.findall(text):
            shared = len(heard & stems(plain(sentence)))
            if shared >= min(FEW, len(heard)) and (said := _in_its_mouth(sentence.strip(), scene)):
                fitting.append((shared, said))
    fresh = [each for each in fitting if scene.said.is_fresh(each[1])]
    return max(fresh, key=lambda each: each[0])[1] if fresh else ""


def _in_its_mouth(sentence: str, scene: Scene) -> str:
    """The sentence in the first person if about the character, unchanged if about the world; "" if neither."""
    name = scene.persona.name
    if MARKUP.search(sentence) or not sentence[:1].isupper():
        return ""
    speaks_of_it = any(part and part.lower() in sentence.lower() for part in (name, *name.split()))
    if scene.language == "ru" and (speaks_of_it or UNTURNED.search(sentence)):
        return first_person(sentence, name)
    is_plain = len(sentence.split()) >= SHORTEST and len(sentence) <= LONGEST
    is_order = RULE.search(sentence) or OF_SOMEBODY.search(sentence)
    return sentence if is_plain and not is_order and not speaks_of_it and not UNTURNED.search(sentence) else ""
