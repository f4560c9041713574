"""Frames: messages between the server and the workers that read and write card files. A frame is a line with the
lengths of its parts, then the parts as they are. The server parses nothing large, since that would block everybody
else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import IO


def send(pipe: IO[bytes], parts: Sequence[bytes]) -> None:
    pipe.write(json.dumps([len(part) for part in parts]).encode() + b"\n")
    pipe.writelines(parts)
    pipe.flush()


def receive(pipe: IO[bytes]) -> list[bytes]:
    """The parts of the next frame. Raises `EOFError` if the other side has ended."""
    line = pipe.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    lengths = json.loads(line)
    parts = [pipe.read(length) for length in lengths]
    if [len(part) for part in parts] != lengths:
        raise EOFError
    return parts
