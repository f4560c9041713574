"""Baselines for the product, each in its own process: loops that read replies and keep nothing.

`langchain` iterates `ChatOpenAI.astream` with the product's settings; `bytes` reads the lines of the stream and parses
nothing, which no program with a model's client library can undercut.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Self

AT_ONCE = 5

Pieces = Callable[[str], AsyncGenerator[str]]
"""From the name of a manner (tests/bench/upstream.py) to a reply."""


class Bare:
    """A baseline; `kind` is langchain or bytes."""

    def __init__(self, kind: str, url: str) -> None:
        self._command = [sys.executable, "-m", "tests.bench.baselines.bare", kind, url]

    def __enter__(self) -> Self:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, text=True)
        self.five_at_once("instant")  # imports, connections
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def five_at_once(self, manner: str) -> tuple[float, list[float]]:
        """Read five replies at once; returns CPU seconds per reply, and the delay of each one's first text."""
        assert self._process.stdin
        assert self._process.stdout
        print(manner, file=self._process.stdin, flush=True)
        cpu, late = json.loads(self._process.stdout.readline())
        return cpu, late


async def _serve(kind: str, url: str) -> None:
    pieces = _langchain(url) if kind == "langchain" else _bytes(url)
    while manner := (await asyncio.to_thread(sys.stdin.readline)).strip():
        begun = time.process_time()
        late = await asyncio.gather(*(_read(pieces(manner)) for _ in range(AT_ONCE)))
        print(json.dumps([(time.process_time() - begun) / AT_ONCE, late]), flush=True)


async def _read(pieces: AsyncGenerator[str]) -> float:
    """Read a reply; returns the seconds from when its first text was due until it arrived."""
    first, text = 0.0, ""
    async with aclosing(pieces):
        async for piece in pieces:
            if piece and not first:
                first = time.monotonic()
            text += piece
    moment = re.search(r"\d{6,}", text)
    return first - int(moment[0]) / 1e6 if moment else 0


def _langchain(url: str) -> Pieces:
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    model = ChatOpenAI(
        base_url=url,
        api_key=SecretStr("key"),
        model="model",
        max_retries=0,
        stream_usage=False,
        stream_chunk_timeout=None,
        use_responses_api=False,
        output_version="v0",
    )

    async def pieces(manner: str) -> AsyncGenerator[str]:
        async for chunk in model.astream([("system", "Ты — Марина."), ("user", manner)]):
            yield str(chunk.text)

    return pieces


def _bytes(url: str) -> Pieces:
    import httpx

    client = httpx.AsyncClient()

    async def pieces(manner: str) -> AsyncGenerator[str]:
        body = {"model": "model", "stream": True, "messages": [{"role": "user", "content": manner}]}
        async with client.stream("POST", f"{url}/chat/completions", json=body) as answer:
            async for line in answer.aiter_lines():
                yield line

    return pieces


if __name__ == "__main__":
    asyncio.run(_serve(*sys.argv[1:]))
