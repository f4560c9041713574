"""Dictionary: the grammar of Russian words, as OpenCorpora has it.

It takes 30 MB and a twentieth of a second to load: only in a thread, and only where a word is asked about.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pymorphy3 import MorphAnalyzer

LIKELY = 0.1
"""Minimum probability of a reading: a less likely one is not what was meant («чаю» as a form of «чаять»)."""


@cache
def dictionary() -> MorphAnalyzer:
    from pymorphy3 import MorphAnalyzer  # slow to load

    return MorphAnalyzer(lang="ru")


def is_loaded() -> bool:
    return dictionary.cache_info().currsize > 0
