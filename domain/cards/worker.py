"""The worker: the process that reads strangers' card files and writes cards, `python -m domain.cards.worker`. It
answers each frame with one frame. Its memory is limited, it gives way to the server, and it ends with its input.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from contextlib import suppress

from domain.cards import reading, writing
from domain.cards.frames import receive, send

MEMORY = 1_500_000_000
"""Limit on the address space, in bytes: room for a file of 50 MB, its parts and its parsed content."""
QUIETLY = 10
"""Niceness of the process."""


def main() -> None:
    os.nice(QUIETLY)
    with suppress(ValueError, OSError):  # not supported on every system
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with suppress(EOFError, BrokenPipeError):
        while True:
            question, *parts = receive(sys.stdin.buffer)
            asked = json.loads(question)
            work = writing.answer if asked["do"] == "write" else reading.answer
            send(sys.stdout.buffer, work(asked, *parts))


if __name__ == "__main__":
    main()
