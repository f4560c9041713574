"""Socket validation of frames on their way to pages: rate-limited, parsed strictly, then matched to a listener."""

from __future__ import annotations

import logging
from enum import Enum, auto

from nicegui import Client, json, ui
from nicegui.element import Element
from starlette.requests import HTTPConnection

from domain.language import N_, Texts
from domain.token_buckets import (
    FLOOD_OF_SOCKET,
    GESTURES_FROM_IP,
    GESTURES_OF_PERSON,
    GESTURES_OF_SOCKET,
    LINES_ABOUT_SOCKETS,
    MALFORMED_OF_SOCKET,
    NOTICES_OF_SOCKET,
    TokenBuckets,
)
from ui.request.notice import notify
from ui.request.visitor import client_ip, person_of, read_preferences
from ui.socket.listeners import ListenerSchema, schema_for
from ui.socket.packets import Malformed, Packet, read
from ui.socket.sessions import SocketBinding

log = logging.getLogger(__name__)

PONG = "3"
FRAMES = ("1", PONG, "2probe", "5")
"""Engine.IO's own frames that a browser sends: close, pong, and two to upgrade from polling to the websocket."""
LONGEST_LOG = 200
LARGE = 2_000
"""Characters of an event's arguments above which invalid ones are reported as too long."""
TOO_FAST = N_("That was too fast, and not everything was accepted. Please slow down a little.")
TOO_LONG = N_("This text is too long and wasn't accepted. Please shorten it.")


class Verdict(Enum):
    PASS = auto()
    DROP = auto()
    CLOSE = auto()


class FrameValidator:
    def __init__(self, sessions: SocketBinding, rates: TokenBuckets) -> None:
        self._sessions = sessions
        self._rates = rates

    def judge(self, sid: str, connection: HTTPConnection, frame: str) -> Verdict:
        """The verdict on a frame from the socket `sid` (Engine.IO's id)."""
        if not self._rates.take(FLOOD_OF_SOCKET, sid):
            return self.close(connection, "it sent too much")
        client = self._sessions.page_of(sid)
        has_turn = self._has_turn(sid, client, connection)
        if frame in FRAMES:
            return Verdict.PASS if has_turn or frame == PONG else Verdict.DROP
        if not has_turn:
            return self._refuse(sid, client, TOO_FAST)
        try:
            return self._judge_packet(sid, client, read(frame))
        except Malformed:
            if self._rates.take(MALFORMED_OF_SOCKET, sid):
                return Verdict.DROP
            return self.close(connection, "it sent what no page of ours sends")

    def close(self, connection: HTTPConnection, why: str) -> Verdict:
        if self._rates.take(LINES_ABOUT_SOCKETS):
            log.warning("A socket from %s is closed: %s", client_ip(connection), why)
        return Verdict.CLOSE

    def _has_turn(self, sid: str, client: Client | None, connection: HTTPConnection) -> bool:
        person = person_of(client.request) if client else None
        of_all = (GESTURES_FROM_IP, client_ip(connection)) if person is None else (GESTURES_OF_PERSON, person)
        return self._rates.take(GESTURES_OF_SOCKET, sid) and self._rates.take(*of_all)

    def _refuse(self, sid: str, client: Client | None, words: str) -> Verdict:
        """Drop it, and say so on the page unless that was said just now."""
        if client and self._rates.take(NOTICES_OF_SOCKET, sid):
            _ = Texts(read_preferences(client.request.headers).language)
            with client:
                notify(_(words), kind="warning")
        return Verdict.DROP

    def _judge_packet(self, sid: str, client: Client | None, packet: Packet) -> Verdict:
        if packet.name == "connect":
            if not self._sessions.may_connect(sid):
                raise Malformed
            return Verdict.PASS
        if packet.name in {"disconnect", "handshake"}:
            return Verdict.PASS
        if client is None or packet.body["client_id"] != client.id:
            raise Malformed
        if packet.name == "log":
            log.debug("A page's own words: %s", packet.body["message"][:LONGEST_LOG])
            return Verdict.DROP
        if packet.name == "event":
            return self._judge_event(sid, client, packet)
        return Verdict.PASS

    def _judge_event(self, sid: str, client: Client, packet: Packet) -> Verdict:
        element = client.elements.get(packet.body["id"])
        listener = element._event_listeners.get(packet.body["listener_id"]) if element else None  # noqa: SLF001 - no other way
        if element is None or listener is None:
            return Verdict.DROP  # the element was removed from the page meanwhile
        sent = [each for each in packet.body.get("args", []) if each is not None]
        declared = schema_for(element, listener.type)
        if declared and _fit(declared, sent):
            return Verdict.PASS
        if declared and sum(map(len, sent)) > LARGE:
            if isinstance(element, ui.input) and not declared.takes_all:
                _take_cut(client, packet, sent, declared.longest)
            return self._refuse(sid, client, TOO_LONG)
        self._note(element, listener.type)
        raise Malformed

    def _note(self, element: Element, kind: str) -> None:
        """It may be our own bug, so the log gets the listener; never what was sent."""
        if self._rates.take(LINES_ABOUT_SOCKETS):
            log.warning("An event is refused, since its arguments do not fit: %s of %s", kind, type(element).__name__)


def _take_cut(client: Client, packet: Packet, sent: list[str], longest: int) -> None:
    """A field with too much text is too long for the domain as well: whoever presses «Save» is told so beside it.
    Otherwise its former text would be saved, and reported as saved.
    """
    match sent:
        case [str(typed)] if isinstance(value := _read(typed), str):
            client.handle_event({**packet.body, "args": [json.dumps(value[: longest + 1])]})


def _read(argument: str) -> object:
    try:
        return json.loads(argument)
    except ValueError as error:
        raise Malformed from error


def _fit(declared: ListenerSchema, sent: list[str]) -> bool:
    if sum(map(len, sent)) > declared.largest:
        return False
    return declared.fits([_read(each) for each in sent])
