"""Messages of the wire: one line of JSON that names its sender, its kind and what it says."""

from __future__ import annotations

import json
from dataclasses import dataclass

from storage.wire.wire import Data

LONGEST = 7999
"""Bytes; PostgreSQL takes no more in a notification."""
HEARTBEAT = "heartbeat"
"""Heard by its own sender: it shows that the whole way works."""
GAP = "gap"
"""Messages of its sender were dropped before they were sent."""


class TooLong(Exception):
    """The message does not fit into one notification."""


@dataclass(frozen=True)
class Message:
    sender: str
    kind: str
    data: Data

    def __str__(self) -> str:
        """As it is sent; raises `TooLong`."""
        packed = json.dumps([self.sender, self.kind, self.data], ensure_ascii=False, separators=(",", ":"))
        if len(packed.encode()) > LONGEST:
            raise TooLong(self.kind)
        return packed


def read(text: str) -> Message | None:
    """None if it is nothing that an instance of Beseda sends."""
    try:
        match json.loads(text):
            case [str(sender), str(kind), dict(data)]:
                return Message(sender, kind, data)
    except (ValueError, RecursionError):
        return None
    return None
