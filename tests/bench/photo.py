"""Benchmark of uploads: somebody uploads photos of 5 MB, one after the other, while somebody else looks around."""

from __future__ import annotations

import asyncio
import io
import os
import time

import httpx
from PIL import Image

from domain.pictures.photos import BYTES_LIMIT
from tests.bench.crowd import looking, p95
from tests.bench.stage import stage
from tests.bench.table import Line
from tests.bench.upstream import Upstream

PHOTOS = 8
GRAIN = (2600, 1950)
"""Pixels of noise that make a JPEG of nearly 5 MB."""


async def photo(upstream: Upstream) -> list[Line]:
    data = heavy()
    async with (
        stage(upstream, [1]) as here,
        httpx.AsyncClient(base_url=here.url, cookies={"beseda": here.seats[0].cookie}, timeout=60) as author,
    ):
        quiet = await looking(here, asyncio.sleep(5))
        begun = time.monotonic()
        busy = await looking(here, _upload(author, data))
        took = (time.monotonic() - begun) / PHOTOS
    return [
        Line(
            *("a 5 MB photo delays other pages, p95", max(p95(busy) - p95(quiet), 0) * 1000, "ms"),
            most=50,
            note=f"{len(data) / 2**20:.1f} MB, {took:.1f} s each; p95 {p95(busy) * 1000:.0f} ms, worst"
            f" {max(busy) * 1000:.0f} ms; in quiet p95 {p95(quiet) * 1000:.0f} ms",
        )
    ]


async def _upload(author: httpx.AsyncClient, data: bytes) -> None:
    for _ in range(PHOTOS):
        answer = await author.post("/feed/photos", content=data, headers={"Content-Type": "image/jpeg"})
        answer.raise_for_status()


def heavy() -> bytes:
    """A photo as near to the size limit as possible: noise compresses badly."""
    noise = Image.frombytes("RGB", GRAIN, os.urandom(GRAIN[0] * GRAIN[1] * 3)).resize((5200, 3900))
    for quality in range(90, 30, -4):
        held = io.BytesIO()
        noise.save(held, "JPEG", quality=quality)
        if held.tell() <= BYTES_LIMIT:
            break
    return held.getvalue()
