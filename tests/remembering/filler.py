"""Small talk by the yard: sentences by theme, filled with words, of which the first of each list are most frequent."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from random import Random

from domain.dictionary import dictionary

QUESTION = 85  # characters beyond which a person says no more
REPLY = (500, 760)  # characters beyond which a reply ends, drawn anew for each
STRETCH = 6  # turns about one theme
SLOT = re.compile(r"\{(\w+)(?:\.(\w+))?\}")


class Filler:
    """Generator of small talk: the same seed says the same."""

    def __init__(self, random: Random) -> None:
        self._random = random
        told = tomllib.loads((Path(__file__).parent / "filler.toml").read_text())
        self._themes, self._words = told["theme"], told["words"]
        self._weights = {name: [1 / (place + 2) for place in range(len(each))] for name, each in self._words.items()}
        self._theme = self._random.choice(self._themes)
        self._asides, self._nouns = told["asides"], told["asides"]["nouns"].split()
        self._random.shuffle(self._nouns)

    def question(self) -> str:
        """A message of the person, of about 120 characters."""
        if not self._random.randrange(STRETCH):
            self._theme = self._random.choice(self._themes)
        return self._text(self._theme["person"], QUESTION, self._asides["person"])

    def reply(self) -> str:
        """A reply of the character, of 500 to 800 characters, on the theme and another."""
        beside = self._random.choice(self._themes)
        sentences = self._theme["character"] + beside["character"]
        return self._text(sentences, self._random.randrange(*REPLY), self._asides["character"])

    def _text(self, sentences: list[str], enough: int, asides: list[str]) -> str:
        said = [SLOT.sub(self._word, self._random.choice(asides))] if self._random.randrange(2) else []
        for sentence in self._random.sample(sentences, len(sentences)):
            said.append(SLOT.sub(self._word, sentence))
            if sum(map(len, said)) >= enough:
                break
        return " ".join(said)

    def _word(self, slot: re.Match[str]) -> str:
        name, case = slot[1].lower(), slot[2]
        if case:  # half of all are among the first fifth
            return in_case(self._nouns[int(len(self._nouns) * self._random.random() ** 2.3)], case)
        word = str(self._random.choices(self._words[name], self._weights[name])[0])
        return word[0].upper() + word[1:] if slot[1][0].isupper() else word


@cache
def in_case(noun: str, case: str) -> str:
    parses = [each for each in dictionary().parse(noun) if {"NOUN", "nomn"} in each.tag]
    inflected = parses[0].inflect({case}) if parses else None
    return inflected.word if inflected else noun


def everything_said() -> str:
    """All text that small talk can be made of, in the forms in which it is stored."""
    return (Path(__file__).parent / "filler.toml").read_text()
