"""Demo model, knowledge: a sentence of a lorebook's entry that says what is asked about."""

from __future__ import annotations

import re

from domain.llm.demo.first_person import LONGEST, RULE, SHORTEST, UNTURNED, first_person
from domain.llm.demo.repertoire import plain, stems
from domain.llm.demo.scene import Scene

SENTENCE = re.compile(r"[^.!?…\n]+[.!?…]+")
MARKUP = re.compile(r"[\[\]{}<>*_=|#@:;/\\]|\d\.")
"""What stands in notes and lists, and not in what is said."""
OF_SOMEBODY = re.compile(
    r"\b(you|your|he|she|him|her|his|they|them|their|user|must|should|never|always|secret|reply|\w*character)\b",
    re.IGNORECASE,
)
FEW = 2
"""An entry's sentence needs so many words of the question, if it asks about so many."""


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
    """Of the character itself it is turned round; what is true of the world is said as it stands."""
    name = scene.persona.name
    if MARKUP.search(sentence) or not sentence[:1].isupper():
        return ""
    speaks_of_it = any(part and part.lower() in sentence.lower() for part in (name, *name.split()))
    if scene.language == "ru" and (speaks_of_it or UNTURNED.search(sentence)):
        return first_person(sentence, name)
    is_plain = len(sentence.split()) >= SHORTEST and len(sentence) <= LONGEST
    is_order = RULE.search(sentence) or OF_SOMEBODY.search(sentence)
    return sentence if is_plain and not is_order and not speaks_of_it and not UNTURNED.search(sentence) else ""
