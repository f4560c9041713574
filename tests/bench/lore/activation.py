"""Benchmark of lorebooks: compiling a large one, and finding its entries that fire for the last messages.

In this process: nothing else of the product takes part. The same talk names the same entries of each book. CPU time is
that of this thread, so the figures hold on a busy machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from statistics import median

from domain.books.activation import CompiledBook
from domain.books.conditions import Circumstances
from tests.bench.lore.heavy_book import alike_book, heavy_book, same_book, talk
from tests.bench.table import Line
from tests.bench.upstream import Upstream

USUAL, SMALL, LARGE = 2_000, 500, 5_000
WINDOW, NAMED, LONGER = 8, 30, 4
EXPRESSIONS = 40
ROUNDS = 25
SPREAD = 1.25
"""What two measurements of the same may differ by while others use the machine."""


async def activation(_upstream: Upstream) -> list[Line]:
    usual, long = talk(WINDOW, named=NAMED), talk(WINDOW, named=NAMED, times=LONGER)
    length, longer = sum(map(len, usual)), sum(map(len, long))
    made_in, books = {}, {}
    for size in (SMALL, USUAL, LARGE):
        found = heavy_book(size)
        begun = time.thread_time()
        books[size] = CompiledBook(found)
        made_in[size] = time.thread_time() - begun
    small, middle, large = (_milliseconds(books[size], usual) for size in (SMALL, USUAL, LARGE))
    searched = _milliseconds(CompiledBook(heavy_book(USUAL, expressions=EXPRESSIONS)), usual)
    fired = len(books[USUAL].activate(usual, Circumstances()).fired)
    return [
        Line(
            *("2,000 entries, 8 messages", searched, "ms"),
            most=10,
            note=f"{fired} fire; {length} characters of talk; {EXPRESSIONS} regular expressions, each"
            f" {1000 * (searched - middle) / EXPRESSIONS:.0f} µs",
        ),
        Line("  5,000 entries", large, "ms", most=SPREAD, reference=("500 entries", small)),
        Line(
            *(f"  {LONGER} times the talk", _milliseconds(books[USUAL], long), "ms"),
            most=SPREAD * longer / length,
            reference=("as usual", middle),
            note=f"{longer} characters",
        ),
        Line("  2,000 entries made ready", made_in[USUAL], "s", note="once for each version of a book, in a thread"),
        Line("  5,000 entries made ready", made_in[LARGE], "s", most=10 * SPREAD, reference=("500", made_in[SMALL])),
        *_of_keys_that_begin_alike(),
    ]


def _of_keys_that_begin_alike() -> Iterator[Line]:
    """Keys as an author of «the king of …» and an attacker write them; the talk has little but their beginning."""
    king = "the king of the hill went to the king of the sea and the king of all said nothing. " * 16
    books = {size: CompiledBook(alike_book(size, keys=2, begin="the king of")) for size in (SMALL, USUAL, LARGE)}
    small, middle, large = (_milliseconds(books[size], [king]) for size in (SMALL, USUAL, LARGE))
    long = _milliseconds(books[USUAL], [king * LONGER])
    yield Line("2,000 entries “the king of …”", middle, "ms", most=10, note=f"{len(king)} characters of talk")
    yield Line("  5,000 entries", large, "ms", most=SPREAD, reference=("500 entries", small))
    yield Line(f"  {LONGER} times the talk", long, "ms", most=LONGER * SPREAD, reference=("as usual", middle))
    same = {size: CompiledBook(same_book(size, keys=60, begin="кот")) for size in (SMALL, LARGE)}
    few, many = (_milliseconds(same[size], ["кот " * 400]) for size in (SMALL, LARGE))
    yield Line("5,000 entries, each with the same 60 keys “кот …”", many, "ms", most=10)
    yield Line("  as 500 entries", many, "ms", most=SPREAD, reference=("500 entries", few))


def _milliseconds(book: CompiledBook, messages: Sequence[str]) -> float:
    run = partial(book.activate, messages, Circumstances())
    run()  # new words are looked up once per process
    return median(_seconds(run) for _ in range(ROUNDS)) * 1000


def _seconds(run: Callable[[], object]) -> float:
    begun = time.thread_time()
    run()
    return time.thread_time() - begun
