"""Limit of unjoined pages: pages sent that no browser has joined by its socket, and how many of a sender's are kept.

The framework keeps each for a minute, some 125 KB. Clients that only fetch, a crawler or a flood, never join.
"""

from __future__ import annotations

from collections.abc import Hashable

from nicegui import Client

from storage.fair_queue import acting_for

MOST_WAITING = 100
"""Maximum for one person or, if nobody is logged in, one IP address. A page is joined within a second or two, so a
whole school behind one address has a few dozen. This many take 12 MB.
"""


class UnjoinedPages:
    """The oldest page is dropped for the newest; it reloads itself if it is joined after all.

    Nobody is refused: else somebody who fetches a page or two a second would lock out all others behind their address.
    """

    def __init__(self) -> None:
        self._waiting: dict[Hashable, dict[str, Client]] = {}

    def add(self, client: Client) -> None:
        """The page counts for whoever this task acts for (`acting_for`)."""
        if client.has_socket_connection or client.is_deleted:
            return
        key = acting_for.get()
        theirs = self._waiting.setdefault(key, {})

        def forget() -> None:
            theirs.pop(client.id, None)
            if not theirs and self._waiting.get(key) is theirs:
                del self._waiting[key]

        theirs[client.id] = client
        client.on_connect(forget)
        client.on_delete(forget)
        if len(theirs) > MOST_WAITING:
            next(iter(theirs.values())).delete()
