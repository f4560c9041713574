"""Benchmark of card files, over the gallery's own routes: what a large one costs everybody else, and a hundred at once.

A person's gallery previews each file and then imports it, two files at a time, under the limits of a server.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import time
from collections.abc import Awaitable
from statistics import quantiles
from zlib import crc32

import httpx
from PIL import Image

from tests.bench.crowd import looking
from tests.bench.lore.heavy_book import heavy_book
from tests.bench.stage import Stage, stage
from tests.bench.table import Line
from tests.bench.upstream import Upstream

LARGE_CARDS = 6
DROPPED = 100
AT_ONCE = 2
USUAL_LIMITS = ""
QUIET = 8  # seconds: enough for some hundred looks
TEXT = "Ты смотришь за маяком и ждёшь корабль, который не пришёл в срок. " * 60
PNG_END = 12
"""Bytes of the last chunk."""


async def cards(upstream: Upstream) -> list[Line]:
    async with stage(upstream, [1], LIMITS=USUAL_LIMITS) as here, _author(here) as author:
        await _take_in(author, card(0, pixels=(200, 300)))  # whatever is loaded once
        return [*await _one_large(here, author), *await _a_hundred(here, author)]


def _author(here: Stage) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=here.url, cookies={"beseda": here.seats[0].cookie}, timeout=120)


async def _one_large(here: Stage, author: httpx.AsyncClient) -> list[Line]:
    large = [card(0, pixels=(1080, 1400), entries=500)] * LARGE_CARDS
    quiet = await looking(here, asyncio.sleep(QUIET))
    begun = time.monotonic()
    busy = await looking(here, _in_turn(author, large))
    took = (time.monotonic() - begun) / LARGE_CARDS
    before = here.cpu()
    await _in_turn(author, large)  # nobody looks around
    cpu = (here.cpu() - before) / LARGE_CARDS
    return [
        Line(
            *("a 5 MB card delays other pages, p99", max(p99(busy) - p99(quiet), 0) * 1000, "ms"),
            most=50,
            note=f"{len(large[0]) / 10**6:.1f} MB with 500 entries, {took:.1f} s each; p99 {p99(busy) * 1000:.0f} ms,"
            f" worst {max(busy) * 1000:.0f}; in quiet p99 {p99(quiet) * 1000:.0f} ms, worst {max(quiet) * 1000:.0f}",
        ),
        Line(
            "  CPU of the server for it",
            cpu * 1000,
            "ms",
            note="looked at and taken in, all threads; no delay is longer",
        ),
    ]


async def _a_hundred(here: Stage, author: httpx.AsyncClient) -> list[Line]:
    dropped = [card(number, pixels=(400, 600), grain=2) for number in range(DROPPED)]
    places = asyncio.Semaphore(AT_ONCE)

    async def send(file: bytes) -> str:
        async with places:
            return await _take_in(author, file)

    before, cpu, begun = here.memory(), here.cpu_of_all(), time.monotonic()
    all_sent = asyncio.gather(*map(send, dropped))
    peak, busy = await asyncio.gather(_peak(here, all_sent), looking(here, all_sent))
    took, cpu = time.monotonic() - begun, here.cpu_of_all() - cpu
    made = set(all_sent.result())
    megabytes = sum(map(len, dropped)) / 10**6
    return [
        Line(
            *(f"{DROPPED} cards dropped at once", took, "s"),
            most=60,
            note=f"{megabytes:.0f} MB; other pages' p99 {p99(busy) * 1000:.0f} ms",
        ),
        Line("  CPU, with the processes that read", cpu, "s", most=60),
        Line("  cards that were lost", DROPPED - len(made), "", most=0),
        Line(
            *("  memory of the server at most", peak / 2**20, "MB"),
            reference=("before", before / 2**20),
            most=1.5,
            note=f"afterwards {here.memory() / 2**20:.0f} MB",
        ),
    ]


async def _in_turn(author: httpx.AsyncClient, files: list[bytes]) -> None:
    for file in files:
        await _take_in(author, file)


async def _take_in(author: httpx.AsyncClient, file: bytes) -> str:
    """Preview and import the file; returns the address of the new character, or "" if it was refused."""
    looked = await author.post("/feed/cards/preview?name=card.png", content=file)
    if not looked.is_success:
        return ""
    made = await author.post("/feed/cards?name=card.png", content=file)
    return str(made.json()["made"]["url"]) if made.is_success else ""


async def _peak(here: Stage, meanwhile: Awaitable[object]) -> int:
    """Peak of the server's memory in bytes until `meanwhile` is done, sampled twenty times a second."""
    waiting, peak = asyncio.ensure_future(meanwhile), 0
    while not waiting.done():
        peak = max(peak, here.memory())
        await asyncio.sleep(0.05)
    return peak


def card(number: int, *, pixels: tuple[int, int], grain: int = 1, entries: int = 20) -> bytes:
    """A PNG of noise with a V3 card that has a Russian book. Every `grain` pixels are more or less alike."""
    data = {
        "name": f"Хранитель {number}",
        **dict.fromkeys(("description", "personality", "scenario", "first_mes"), TEXT[:900]),
        "mes_example": "<START>\n{{user}}: Не страшно?\n{{char}}: Страшно там, где людно.",
        "tags": ["женский", "море"],
        "extensions": {"somebody/else": {"depth": 4}},
        "group_only_greetings": [],
        "character_book": heavy_book(entries),
    }
    written = json.dumps({"spec": "chara_card_v3", "spec_version": "3.0", "data": data}, ensure_ascii=False).encode()
    held = io.BytesIO()
    drawn = pixels[0] // grain, pixels[1] // grain
    noise = Image.frombytes("RGB", drawn, os.urandom(drawn[0] * drawn[1] * 3))
    noise.resize(pixels, Image.Resampling.BICUBIC).save(held, "PNG", compress_level=1)
    picture = held.getvalue()
    return picture[:-PNG_END] + _chunk(b"tEXt", b"ccv3\0" + base64.b64encode(written)) + picture[-PNG_END:]


def _chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4) + kind + content + crc32(kind + content).to_bytes(4)


def p99(seconds: list[float]) -> float:
    return quantiles(seconds, n=100)[-1]
