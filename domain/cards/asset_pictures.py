"""Asset pictures: redraws the pictures among a card's files in a separate process, with limits on time and memory. A
stranger's file is never served as it came.

`python -m domain.cards.asset_pictures` reads a line of JSON, the card and the archive of its files
(domain/cards/reading.py), and writes a line of JSON and the pictures.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import resource
import sys
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
MEMORY = 1_500_000_000
"""Limit on the address space, in bytes: room for 50 MB of files and a picture of 40 megapixels."""
PATIENCE = 30.0
"""Timeout of the process, in seconds."""
QUIETLY = 10
"""Niceness: the process gives way to the one that serves people."""
EMOTION, BACKGROUND = "emotion", "background"
PORTRAITS = ("icon", EMOTION)
MOST = 24
"""Maximum pictures to choose from: this many portraits, and this many backgrounds."""
THUMBNAIL, WIDEST = 240, 1600
"""Pixels of the longer side: of a picture to choose from, and of one behind a chat."""
LONGEST_NAME = 60


@dataclass(frozen=True)
class AssetPicture:
    """`number` is its place in the archive; `kind` the type of the asset."""

    number: int
    kind: str
    name: str
    thumbnail: bytes
    is_behind: bool = False
    """Whether it is shown behind the chats now."""

    @property
    def may_be_portrait(self) -> bool:
        return self.kind in PORTRAITS

    @property
    def may_stand_behind(self) -> bool:
        """Whether it can be shown behind a chat. An emotion can, too, as a quiet picture of the character, but only if
        the author chooses it.
        """
        return self.kind in {BACKGROUND, EMOTION}


async def pictures_in(card: str, archive: bytes, behind: int | None) -> list[AssetPicture]:
    """The card's pictures that may become a portrait or a background and can be read. `behind` is the number of the one
    that is shown behind the chats now.
    """
    told, drawn = await _asked({"do": "list"}, card, archive)
    return [
        AssetPicture(**each, thumbnail=thumbnail, is_behind=each["number"] == behind)
        for each, thumbnail in zip(told, drawn, strict=True)
    ]


async def background_in(card: str, archive: bytes, number: int | None = None) -> tuple[int, bytes] | None:
    """The background or emotion with this number; without a number, the background named `main`, else the first one.
    Returns its number and the picture, None if there is none.
    """
    told, drawn = await _asked({"do": "background", "number": number}, card, archive)
    return (told[0]["number"], drawn[0]) if drawn else None


async def file_in(card: str, archive: bytes, number: int) -> bytes:
    """A picture's file as it came, to be drawn as portraits are (domain/pictures/photos.py). Empty if there is none."""
    _told, found = await _asked({"do": "portrait", "number": number}, card, archive)
    return found[0] if found else b""


async def _asked(question: dict[str, Any], card: str, archive: bytes) -> tuple[list[dict[str, Any]], list[bytes]]:
    """The process's answer: what it tells about the pictures, and the pictures. Both are empty if it ran out of time or
    memory.
    """
    written = card.encode()
    head = json.dumps(question | {"lengths": [len(written), len(archive)]}).encode() + b"\n"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            answer, _nothing = await process.communicate(head + written + archive)
        line, _break, data = answer.partition(b"\n")
        told = json.loads(line)
        return told["pictures"], _split(data, told["lengths"])
    except (TimeoutError, ValueError):  # ValueError: the process died before it had finished
        return [], []
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _split(data: bytes, lengths: list[int]) -> list[bytes]:
    parts, at = [], 0
    for length in lengths:
        parts.append(data[at : at + length])
        at += length
    return parts


class _Assets:
    """Runs in the process: the card's assets whose files are in the archive."""

    def __init__(self, card: bytes, archive: bytes) -> None:
        self._zip = zipfile.ZipFile(io.BytesIO(archive))
        numbers = {uri: int(number) for number, uri in json.loads(self._zip.read("names.json")).items()}
        assets = json.loads(card)["data"].get("assets", [])
        self._known = [(numbers[each["uri"]], each) for each in assets if each["uri"] in numbers]

    def of(self, *kinds: str) -> list[tuple[int, str, str]]:
        """Number, kind and name of each asset of these kinds; those named `main` come first."""
        found = [
            (number, each["type"], str(each.get("name") or "")[:LONGEST_NAME])
            for number, each in self._known
            if each.get("type") in kinds
        ]
        return sorted(found, key=lambda each: each[2] != "main")

    def read(self, number: int) -> bytes:
        return self._zip.read(str(number))


def _answer(question: dict[str, Any], assets: _Assets) -> tuple[list[dict[str, Any]], list[bytes]]:
    from domain.pictures.crop import InvalidPhoto
    from domain.pictures.resize import fitted

    portraits, backgrounds = assets.of(*PORTRAITS), assets.of(BACKGROUND)
    if question["do"] == "background" and question["number"] is not None:
        backgrounds += assets.of(EMOTION)
    if question["do"] == "portrait":
        return [], [assets.read(number) for number, _kind, _name in portraits if number == question["number"]][:1]
    is_list = question["do"] == "list"
    asked = [*portraits[:MOST], *backgrounds[:MOST]] if is_list else backgrounds
    told, drawn = [], []
    for number, kind, name in asked:
        if not is_list and question["number"] not in {None, number}:
            continue
        with suppress(InvalidPhoto):  # it may be a sound, or a picture in an unsupported format
            drawn.append(fitted(assets.read(number), THUMBNAIL if is_list else WIDEST))
            told.append({"number": number, "kind": kind, "name": name})
            if not is_list:
                break
    return told, drawn


def main() -> None:
    os.nice(QUIETLY)
    with suppress(ValueError, OSError):  # not supported on every system
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    question = json.loads(sys.stdin.buffer.readline())
    card, archive = (sys.stdin.buffer.read(length) for length in question["lengths"])
    told, drawn = _answer(question, _Assets(card, archive))
    head = {"pictures": told, "lengths": [len(each) for each in drawn]}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(drawn))


if __name__ == "__main__":
    main()
