"""Downloads: the name that a file gets, and blocks in which a large one is sent."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from urllib.parse import quote

NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\s]+')
"""White space, and characters that some operating system forbids in file names."""
LONGEST_NAME = 80
BLOCK = 65_536
"""Size in bytes of the blocks in which a file is sent."""


def attachment(title: str, plain: str, kind: str) -> str:
    """A Content-Disposition (RFC 6266) with the title as file name; `plain` is for clients that know only ASCII."""
    name = NOT_IN_NAMES.sub(" ", title).strip(" .")[:LONGEST_NAME].strip(" .") or plain
    return f"attachment; filename=\"{plain}.{kind}\"; filename*=UTF-8''{quote(f'{name}.{kind}', safe='')}"


def blocks_of(file: bytes) -> Iterator[bytes]:
    return (file[start : start + BLOCK] for start in range(0, len(file), BLOCK))


async def in_turn(blocks: Iterable[bytes]) -> AsyncIterator[bytes]:
    """Each block is compressed on the event loop, so yield to others before the next one."""
    for block in blocks:
        yield block
        await asyncio.sleep(0)
