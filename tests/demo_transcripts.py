"""Transcripts of the demo model, for people to judge: `python -m tests.demo_transcripts > transcripts.md`."""

from __future__ import annotations

import tomllib
from functools import cache

from domain.llm.demo.repertoire import ASSETS
from domain.llm.port import Persona
from tests.domain.llm.demo.made_up import FIRST_QUESTIONS, MADE_UP
from tests.domain.llm.demo.talking import Talk


@cache
def starters() -> list[Persona]:
    files = sorted((ASSETS / "characters").glob("*/*.toml"))
    cards = [(file, tomllib.loads(file.read_text("utf-8"))["card"]) for file in files]
    return [
        Persona(
            name=card["name"],
            gender=card["gender"],
            bio=card["bio"],
            interests=tuple(card["interests"]),
            starter=file.stem,
            language=file.parent.name,
            teaser=card["teaser"],
            context=card["context"],
            greeting=card["greeting"],
        )
        for file, card in cards
    ]


def transcript(persona: Persona) -> str:
    talk = Talk(persona)
    questions = FIRST_QUESTIONS[persona.language]
    lines = [f"- **{question}**\n  {talk.say(question)}".replace("\n\n", "\n  ") for question in questions]
    return "\n".join([f"## {persona.name}", "", *lines, ""])


if __name__ == "__main__":
    print("\n".join(map(transcript, [*starters(), *MADE_UP])))
