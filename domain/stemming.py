"""Stemming: stems and dictionary forms of words, so that «любви» finds «любовь».

The dictionary takes 30 MB: it is loaded when something is looked for or written for the first time. For rows indexed at
a start, the demo characters or those of an older version, `roots_apart` uses a process that then ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from domain.dictionary import LIKELY, dictionary

ROOT = Path(__file__).parents[1]


@lru_cache(maxsize=50_000)
def roots(word: str) -> tuple[str, ...]:
    """Its stem and, where they differ, those of the forms under which a Russian dictionary has it."""
    if not any("а" <= sign <= "я" for sign in word):
        return (stem(word, "english"),)
    known = (parse for parse in dictionary().parse(word) if parse.is_known and parse.score >= LIKELY)
    forms = (word, *(parse.normal_form.replace("ё", "е") for parse in known))  # folded like `word`
    return tuple(dict.fromkeys(stem(form, "russian") for form in forms))


async def load() -> None:
    """Load the dictionary without blocking the event loop: it takes a twentieth of a second, the first time."""
    await asyncio.to_thread(_load)


async def roots_apart(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The roots of many words, from a process of its own."""
    told = await worked_out_apart(__name__, sorted(words))
    return {word: tuple(found) for word, found in told.items()}


async def worked_out_apart(module: str, given: list[str]) -> Any:
    """The result of the module for these words, run as a program in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module), cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        told, _nothing = await process.communicate(json.dumps(given, ensure_ascii=False).encode("utf-8", "replace"))
    except BaseException:  # the caller was cancelled, or reading failed
        process.kill()
        raise
    if process.returncode:
        raise ChildProcessError(f"The process for the roots of words ended with {process.returncode}.")
    return json.loads(told)


def _load() -> None:
    dictionary()
    stem("word", "english")


def stem(word: str, language: str) -> str:
    # A new stemmer each time: it keeps the word it works on, and this is called from several threads.
    return str(_stemmers()(language).stemWord(word))


@cache
def _stemmers() -> Any:
    import snowballstemmer  # slow: it loads the stemmers of thirty languages

    return snowballstemmer.stemmer


if __name__ == "__main__":
    print(json.dumps({word: roots(word) for word in json.loads(sys.stdin.buffer.read())}))
