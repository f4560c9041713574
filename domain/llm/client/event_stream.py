"""Server-sent events: the data of each event, from bytes that may be split anywhere (WHATWG HTML, 9.2.6).

Written here because the libraries at hand make an event of every empty line that follows a `retry`, `id` or `event`
field, and servers send those as heartbeats. More lenient than the standard in two respects: the last event counts even
without its empty line, and a field `error` counts as data.
"""

from __future__ import annotations

BOM = b"\xef\xbb\xbf"
DATA = (b"data", b"error")
"""Fields that hold data; older versions of llama.cpp's server send errors in a field of that name."""
LONGEST_EVENT = 8_000_000  # bytes; no server of a chat sends more in one event


class EventDecoder:
    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._length = 0
        self._is_beginning = True
        self._skips_line_feed = False  # the previous chunk ended with a carriage return

    def feed(self, received: bytes) -> list[str]:
        """The data of the events that end in these bytes; raises `ValueError` if one is too long."""
        self._rest += received
        if self._skips_line_feed and self._rest:
            self._rest = self._rest.removeprefix(b"\n")
            self._skips_line_feed = False
        if self._is_beginning:
            if BOM.startswith(self._rest[:3]) and len(self._rest) < len(BOM):
                return []
            self._rest = self._rest.removeprefix(BOM)
            self._is_beginning = False
        self._skips_line_feed = self._rest.endswith(b"\r")
        *lines, self._rest = self._rest.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        if self._length + len(self._rest) > LONGEST_EVENT:
            raise ValueError("an event without an end")
        return [data for line in lines if (data := self._take(line))]

    def close(self) -> list[str]:
        """The event that was still open at the end of the stream, if any."""
        rest, self._rest = self._rest, b""
        events = [self._take(rest), self._take(b"")]
        return [data for data in events if data]

    def _take(self, line: bytes) -> str:
        if not line:
            data, self._data, self._length = b"\n".join(self._data), [], 0
            return data.decode(errors="replace").strip()
        field, _, value = line.partition(b":")
        if field in DATA:
            self._data.append(value.removeprefix(b" "))
            self._length += len(value)
        return ""
