"""Session binding: a page's socket belongs to the browser and the session that the page was built for.

NiceGUI itself binds a socket to its page by the ids in its address. Others may know them: a proxy's log, an extension,
a screen recording. So the cookies are compared when a socket joins its page, and events are accepted only from sockets
that have joined.
"""

from __future__ import annotations

import secrets
import time
from typing import Any
from urllib.parse import parse_qsl

from nicegui import Client, core
from socketio.exceptions import ConnectionRefusedError as Refused
from starlette.requests import HTTPConnection

from domain.settings.settings import Settings
from domain.token_buckets import TokenBuckets
from ui.acting import act_for
from ui.request.visitor import browser_cookie, browser_of, person_of, session_cookie
from ui.socket.packets import is_handshake
from ui.socket.stray_pages import StrayPages

FRAMEWORKS = dict(core.sio.handlers["/"])
"""NiceGUI's own handlers, which ours wrap."""
LOAD_ANEW = "Implicit handshake failed"
"""Error of the framework at which its pages reload themselves."""
JUST_BUILT = 60  # seconds for which a page counts as new


class SocketBinding:
    def __init__(self, settings: Settings, rates: TokenBuckets) -> None:
        self._strays = StrayPages(rates)
        self._session = session_cookie(settings)
        self._browser = browser_cookie(is_secure=settings.is_secure)

    def settle(self) -> None:
        """Install the checks in front of the framework's handlers."""
        core.sio.on("connect", self._connect)
        core.sio.on("handshake", self._handshake)
        core.sio.on("event", self._event)

    def page_of(self, sid: str) -> Client | None:
        """The page whose room the socket has joined."""
        inner = core.sio.manager.sid_from_eio_sid(sid, "/")
        rooms = core.sio.rooms(inner) if inner else ()
        return next((Client.instances[room] for room in rooms if room in Client.instances), None)

    def may_connect(self, sid: str) -> bool:
        """Whether the socket may connect: once only, and with all that NiceGUI requires in its address."""
        connection = opened_by(sid)
        is_new = core.sio.manager.sid_from_eio_sid(sid, "/") is None
        return is_new and connection is not None and is_handshake(query_of(connection))

    def are_of_one_browser(self, one: HTTPConnection, other: HTTPConnection) -> bool:
        """Whether two requests of one socket, which may use several, carry the same cookies."""
        return all(one.cookies.get(name) == other.cookies.get(name) for name in (self._session, self._browser))

    async def _connect(self, sid: str, environ: dict[str, Any], auth: object = None) -> bool | None:
        connection = HTTPConnection(environ["asgi.scope"])
        query = query_of(connection)
        client = Client.instances.get(query["client_id"])
        if client is None:
            self._strays.add(query["tab_id"])
        elif not self._is_of(client, connection):
            raise Refused(
                "This page belongs to another browser." if self._has_no_cookies(client, connection) else LOAD_ANEW
            )
        answer: bool | None = await FRAMEWORKS["connect"](sid, environ, auth)
        return answer

    async def _handshake(self, sid: str, data: dict[str, Any]) -> bool:
        client = Client.instances.get(data["client_id"])
        connection = HTTPConnection(core.sio.get_environ(sid)["asgi.scope"])
        if client is None or not self._is_of(client, connection):
            return False
        return bool(await FRAMEWORKS["handshake"](sid, data))

    async def _event(self, sid: str, message: dict[str, Any]) -> None:
        """Every event of every page passes here."""
        client = Client.instances.get(message["client_id"])
        person_id = person_of(client.request) if client else None
        if person_id is not None:
            act_for(person_id)
        FRAMEWORKS["event"](sid, message)

    def _is_of(self, client: Client, connection: HTTPConnection) -> bool:
        """Whether the connection carries the cookies that the page was requested with.

        A page without a session is bound to the browser's mark, which every log-in page sets before it is shown. Pages
        with neither session nor mark show only what anybody may see.
        """
        page = client.request
        session = page.cookies.get(self._session, "")
        if session or not browser_of(page):
            return _are_equal(session, connection.cookies.get(self._session, ""))
        mark = connection.cookies.get(self._browser, "")
        return self._session not in connection.cookies and _are_equal(browser_of(page), mark)

    def _has_no_cookies(self, client: Client, connection: HTTPConnection) -> bool:
        """Whether this browser seems to keep none: reloading the page would not help, but loop."""
        is_fresh = time.time() - client.created < JUST_BUILT
        return is_fresh and not client.request.cookies and self._browser not in connection.cookies


def opened_by(sid: str) -> HTTPConnection | None:
    """The request that opened a socket."""
    environ = core.sio.environ.get(sid)
    return HTTPConnection(environ["asgi.scope"]) if environ else None


def query_of(connection: HTTPConnection) -> dict[str, str]:
    """The query as NiceGUI reads it: of duplicates the first counts."""
    return dict(reversed(parse_qsl(connection.scope.get("query_string", b"").decode("utf-8", "replace"))))


def _are_equal(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode())
