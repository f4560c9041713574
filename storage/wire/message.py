"""Messages of the wire: one line of JSON with its sender, its kind and its data."""

from __future__ import annotations

import json
from dataclasses import dataclass

from storage.wire.wire import Data

LONGEST = 7999
"""Maximum bytes of a message: PostgreSQL takes no more in a notification."""
HEARTBEAT = "heartbeat"
"""Kind of message that its own sender listens for: it shows that the line works both ways."""
GAP = "gap"
"""Kind of message that says that messages of its sender were dropped before they were sent."""


class TooLong(Exception):
    """The message does not fit into one notification."""


@dataclass(frozen=True)
class Message:
    sender: str
    kind: str
    data: Data

    def __str__(self) -> str:
        """The message as it is sent; raises `TooLong`."""
        packed = json.dumps([self.sender, self.kind, self.data], ensure_ascii=False, separators=(",", ":"))
        if len(packed.encode()) > LONGEST:
            raise TooLong(self.kind)
        return packed


def read(text: str) -> Message | None:
    """Parse a message; None if it is not one that an instance of Beseda sends."""
    try:
        match json.loads(text):
            case [str(sender), str(kind), dict(data)]:
                return Message(sender, kind, data)
    except (ValueError, RecursionError):
        return None
    return None
