"""Book remarks in an import report: keys of a lorebook that never fire, decorators that have no effect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from domain.books.decorators import split_off
from domain.books.entry_flaws import flaw_of
from domain.cards.faults import CardRemark, Remark

MOST_TOLD = 10
"""Maximum entries whose flaws are reported one by one, and maximum decorators reported: a file may have thousands."""
LONGEST = 80


def remarks_on(book: Mapping[str, Any]) -> Iterator[CardRemark]:
    """Remarks on a V3 book. Keys of entries that are off are not checked: those entries do nothing until their author
    turns them on. Slow for a large book: runs in a worker.
    """
    flaws, unheeded = [], Counter[str]()
    for entry in book["entries"]:
        decorators, content = split_off(entry["content"])
        unheeded.update({line.split()[0].lower()[:LONGEST] for line in decorators.unheeded})
        if entry["enabled"] and content and (flaw := flaw_of(entry, decorators)):
            flaws.append((entry, flaw))
    for entry, flaw in flaws[:MOST_TOLD]:
        yield CardRemark(Remark.FLAW, "character_book", {"entry": _entry_name(entry), "text": flaw.text, **flaw.values})
    if len(flaws) > MOST_TOLD:
        yield CardRemark(Remark.MORE_FLAWS, "character_book", {"n": len(flaws) - MOST_TOLD})
    for name, entries in unheeded.most_common(MOST_TOLD):
        yield CardRemark(Remark.UNHEEDED, "character_book", {"name": name, "n": entries})


def _entry_name(entry: Mapping[str, Any]) -> str:
    """The entry's name, by which its author knows it; without one, how its text begins."""
    name = str(entry.get("name") or entry.get("comment") or "").strip()
    return (name or " ".join(split_off(entry["content"])[1].split()))[:LONGEST].rstrip(" .…")
