"""Sample data, names: Russian names and places, in the inflected forms that sentences need."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

FOLDER = Path(__file__).parents[2] / "assets" / "demo"

CHOICE = re.compile(r"\[([^|\]]*)\|([^|\]]*)\]")
LATIN = str.maketrans(
    {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch", "ю": "yu", "я": "ya"}
    | dict(zip("абвгдеёзийклмнопрстуфыэ ", "abvgdeeziyklmnoprstufye.", strict=True))
    | {"ъ": "", "ь": ""}
)
TEENS = range(11, 15)
FEW = range(2, 5)


@dataclass(frozen=True)
class Name:
    """A first name, a matching surname, and whether it is a woman's."""

    first: str
    last: str
    is_woman: bool

    @property
    def full(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def latin(self) -> str:
        """The form for a mail address: `anna.volkova`."""
        return self.full.lower().translate(LATIN)


def somebody(chance: Random) -> Name:
    is_woman = chance.random() < 1 / 2
    first = chance.choice(words("женские имена" if is_woman else "мужские имена"))
    surname = chance.choice(words("фамилии мужчин"))
    return Name(first, of_a_woman(surname) if is_woman else surname, is_woman)


def town(chance: Random) -> tuple[str, str]:
    """A town's name, and its genitive for «из»: «Тверь», «Твери»."""
    city, _, of_city = chance.choice(words("города, какие и откуда")).partition("|")
    return city, of_city


@cache
def words(heading: str) -> tuple[str, ...]:
    """The words under this heading of assets/demo/words.txt."""
    _, _, below = (FOLDER / "words.txt").read_text("utf-8").partition(f"= {heading}\n")
    return tuple(word.strip() for word in below.split("\n=")[0].replace("\n", " ").split(","))


def of_a_woman(surname: str) -> str:
    """The feminine form of a man's surname; many do not change."""
    if surname.endswith(("ов", "ев", "ёв", "ин")):
        return f"{surname}а"
    if surname.endswith(("ый", "ой", "ий")):
        return f"{surname[:-2]}ая"
    return surname


def agreed(text: str, *, with_woman: bool) -> str:
    """`text` with one of each `[he|she]` chosen: «[рад|рада]»."""
    return CHOICE.sub(r"\2" if with_woman else r"\1", text) if "[" in text else text


def counted(n: int, one: str, few: str, many: str) -> str:
    """The number with its Russian plural form: «21 год», «22 года», «25 лет»."""
    if n % 100 in TEENS or n % 10 not in {1, *FEW}:
        return f"{n} {many}"
    return f"{n} {one if n % 10 == 1 else few}"
