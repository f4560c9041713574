"""Demo model, the card: what a user-made character can tell about itself, from what its author wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.llm.port import Persona

SHORTEST_QUESTION = 12


@dataclass(frozen=True)
class Card:
    """The facts of a card, "" where it tells nothing. `facts` are sentences in the first person."""

    facts: tuple[str, ...] = ()
    full_name: str = ""
    age: str = ""
    place: str = ""
    """With the verb: «Живу в Твери»."""
    job: str = ""
    year: str = ""
    dear: tuple[tuple[str, str], ...] = ()
    """Those close to it: pairs of what they are (a dictionary form) and their name."""
    questions: tuple[str, ...] = ()
    examples: tuple[tuple[str, str], ...] = ()


def told_in(persona: Persona) -> str:
    """All texts that describe the character."""
    return f"{persona.context}\n{persona.bio}\n{persona.scenario}\n{persona.personality}\n{persona.teaser}"


def questions_of(spoken: str) -> tuple[str, ...]:
    """The last questions of the greeting, two at most."""
    return tuple(each for each in sentences_of(spoken) if each.endswith("?") and len(each) > SHORTEST_QUESTION)[-2:]


def sentences_of(text: str) -> list[str]:
    parts = re.split(r"(?<=[.!?…])[»”]?\s+|\n+", text)
    return [re.sub(r"^[—–-]\s*|^[^.!?:«]{2,20}: ", "", part.strip()) for part in parts if part.strip()]


def speech(greeting: str) -> str:
    """The spoken words of the greeting, without its actions."""
    return re.sub(r"\*[^*]*\*", "\n", greeting)


def examples_of(persona: Persona) -> tuple[tuple[str, str], ...]:
    """The exchanges of the example dialogs: pairs of what a person says and what the character answers."""
    name = re.escape(persona.name) if persona.name else "{{char}}"
    pairs = []
    for told in persona.examples:
        turns = re.split(rf"^\s*({{{{user}}}}|{{{{char}}}}|{name}|[^\n:]{{1,30}}):", told, flags=re.MULTILINE)[1:]
        for (who, asked), (whom, answer) in zip(_pairs(turns), _pairs(turns[2:]), strict=False):
            if who != whom and whom in {"{{char}}", persona.name} and asked.strip() and answer.strip():
                pairs.append((asked.strip(), answer.strip()))
    return tuple(pairs)


def _pairs(turns: list[str]) -> list[tuple[str, str]]:
    return list(zip(turns[::2], turns[1::2], strict=False))
