"""Memory of closed pages: few are kept, and those that go are freed at once.

With hundreds of pages in memory a full garbage collection scans half a million objects, and everybody waits. So pages
are freed by reference counting. Only a few cycles would keep them until the next collection: the classes, style and
props of each element reference a method of their own, and the handlers called when a page connects, fails or is typed
into reference the page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable

from nicegui import Client
from nicegui.elements.mixins.value_element import ValueElement

from ui.request.visitor import client_ip, person_of

LEFT_BY_ONE = 12
"""Maximum number of pages without a socket that are kept for one person to come back to."""
LEFT_AT_ONE_ADDRESS = 100
"""Maximum for all anonymous visitors of one IP address together. Behind it may be an office, or a mobile carrier's
customers: nobody must lose a half-filled sign-up form because others leave a page, or all lose the network at once.
"""


class ClosedPages:
    """Pages whose socket has closed. NiceGUI keeps each for a while, since a phone may come back from a tunnel; of
    somebody who opens page after page only the last are worth it.
    """

    def __init__(self) -> None:
        self._left: defaultdict[Hashable, dict[str, None]] = defaultdict(dict)

    def left(self, client: Client) -> None:
        """Called when a socket of the page has closed."""
        if client.has_socket_connection:
            return
        most = LEFT_AT_ONE_ADDRESS if person_of(client.request) is None else LEFT_BY_ONE
        theirs = self._left[_whose(client)]
        theirs.pop(client.id, None)
        theirs[client.id] = None
        while len(theirs) > most:
            oldest = next(iter(theirs))
            del theirs[oldest]
            Client.instances[oldest].delete()

    def joined(self, client: Client) -> None:
        """Called when a socket has joined the page."""
        self._forget(client)

    def deleted(self, client: Client) -> None:
        """Called when the page is deleted."""
        self._forget(client)
        _break_cycles(client)

    def _forget(self, client: Client) -> None:
        key = _whose(client)
        theirs = self._left[key]
        theirs.pop(client.id, None)
        if not theirs:
            del self._left[key]


def _whose(client: Client) -> Hashable:
    person_id = person_of(client.request)
    return client_ip(client.request) if person_id is None else person_id


def _break_cycles(client: Client) -> None:
    # NiceGUI has no public way to remove these handlers.
    for task in client._delete_tasks.values():  # noqa: SLF001
        task.cancel()  # it would delete the page again
    client._exception_handlers.clear()  # noqa: SLF001
    for handlers in (client.connect_handlers, client.disconnect_handlers, client.delete_handlers):
        handlers.clear()
    for element in client.elements.values():
        for watched in (element.classes, element.style, element.props):
            watched._change_handlers.clear()  # noqa: SLF001
        if isinstance(element, ValueElement):
            element._change_handlers.clear()  # noqa: SLF001
