"""Parser of fact lines, `[12] fact | search words (вместо Ф3)`, in all the ways models really write them; pure code.

A line that cannot be parsed is skipped without an error. Lines are used rather than JSON because a broken one does not
spoil the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from domain.memory.rows import KEYS_LIMIT
from domain.text import on_one_line

MOST_LINES = 40
"""Maximum lines of an answer, for a model that never stops writing."""
CITED = re.compile(
    r"[\[(【]\s*(?:№|#|n|no\.?|реплика|сообщение|message|line)?\s*(\d{1,4})(?:\s*[,;–—-]\s*\d{1,4})*\s*[\])】]",
    re.IGNORECASE,
)
UNBRACKETED = re.compile(r"(?:№|#|реплика|сообщение|message)?\s*(\d{1,4})\s*(?:[.):—–|-]|\s(?=\w))\s*", re.IGNORECASE)
BULLET = re.compile(r"^(?:[\s•·*+>|—–-]|\d{1,2}[.)]\s+(?=[*_\s]*[\[(【]))+")
INSTEAD = re.compile(
    r"[\[(,;—–-]*\s*(?:вместо|заменяет|отменяет|instead of|replaces|in place of)\s*[\[(]?\s*(?:факта?|fact)?\s*"
    r"[фf№#]?\s*-?(\d{1,3})\s*[\])]*",
    re.IGNORECASE,
)
KEYS = re.compile(
    r"\s*(?:\||/{2}|[;.(]\s*(?:слова|ключ\w*|key ?words|keys|search words)\b[^:|]{0,20}:)\s*", re.IGNORECASE
)
KEYS_TITLE = re.compile(
    r"^(?:слова(?: для поиска)?|ключи|ключевые слова|search (?:words|keys)|keywords|keys)\s*:\s*", re.IGNORECASE
)
DECORATION = re.compile(r"\*{1,3}|__|`")


@dataclass(frozen=True)
class FactLine:
    """`number` is the number of the cited message, `instead_of` that of the known fact it replaces (0: none)."""

    number: int
    text: str
    keys: str = ""
    instead_of: int = 0


def read_lines(answer: str) -> list[FactLine]:
    found = [fact for line in answer.splitlines() for part in _parts(line) if (fact := _read(part))]
    return found[:MOST_LINES]


def _parts(line: str) -> Iterator[str]:
    """Split a line with several facts, each of which begins with the number it cites."""
    plain = DECORATION.sub("", line).strip()
    plain = BULLET.sub("", plain)
    starts = [found.start() for found in CITED.finditer(plain)]
    if not starts or starts[0] > 0:
        yield plain
        return
    for start, end in zip(starts, [*starts[1:], len(plain)], strict=True):
        yield plain[start:end].strip(" ;,|")


def _read(part: str) -> FactLine | None:
    cited = CITED.match(part) or UNBRACKETED.match(part)
    if cited is None:
        return None
    rest = part[cited.end() :].lstrip(" .:)—–-|\t")
    replaced = INSTEAD.search(rest)
    rest = INSTEAD.sub(" ", rest)
    text, _, keys = _divided(rest)
    text = on_one_line(text).strip(" |;,—–-").removesuffix(".").strip()
    if not any(sign.isalpha() for sign in text):
        return None
    return FactLine(int(cited[1]), text, _keys(keys), int(replaced[1]) if replaced else 0)


def _divided(rest: str) -> tuple[str, str, str]:
    found = KEYS.search(rest)
    return (rest[: found.start()], found[0], rest[found.end() :]) if found else (rest, "", "")


def _keys(given: str) -> str:
    """Distinct search words and phrases, as many as fit `KEYS_LIMIT`."""
    plain = KEYS_TITLE.sub("", given.strip(" .|()[]"))
    words = [on_one_line(each).strip(" .\"«»'()") for each in re.split(r"[,;|/]|\s-\s", plain)]
    kept = ""
    for word in dict.fromkeys(each.lower() for each in words if each):
        longer = f"{kept}, {word}" if kept else word
        if len(longer) > KEYS_LIMIT:
            break
        kept = longer
    return kept
