"""Packet parser: what a browser sends by websocket, read strictly: only the few packets of NiceGUI's pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from nicegui import json

EVENT = re.compile(r"42[0-9]{0,9}\[")
CLIENT_ID = 36
REQUEST_ID = 36
LISTENER_ID = 36
MOST_ARGUMENTS = 8
LARGEST_ANSWER = 10_000
"""Maximum length, as JSON, of what a script run on a page answers."""
LONGEST_LOG = 10_000


class Malformed(Exception):
    """A packet that no page of ours sends."""


@dataclass(frozen=True)
class Packet:
    """`name` is "connect", "disconnect" or the event's."""

    name: str
    body: dict[str, Any]


def read(frame: str) -> Packet:
    """A Socket.IO packet in an Engine.IO message. Raises `Malformed`."""
    if frame == "40":
        return Packet("connect", {})
    if frame == "41":
        return Packet("disconnect", {})
    if not (begin := EVENT.match(frame)):
        raise Malformed
    try:
        content = json.loads(frame[begin.end() - 1 :])
    except ValueError:
        raise Malformed from None
    match content:
        case [str(name), dict(body)] if name in KNOWN and KNOWN[name](body):
            return Packet(name, body)
    raise Malformed


def _is_text(value: object, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest


def _is_count(value: object) -> bool:
    return isinstance(value, int) and 0 <= value < 2**53


def _is_event(body: dict[str, Any]) -> bool:
    arguments = body.get("args", [])
    return (
        _is_text(body.get("client_id"), CLIENT_ID)
        and _is_count(body.get("id"))
        and _is_text(body.get("listener_id"), LISTENER_ID)
        and isinstance(arguments, list)
        and len(arguments) <= MOST_ARGUMENTS
        and all(each is None or isinstance(each, str) for each in arguments)
    )


def _is_answer(body: dict[str, Any]) -> bool:
    return (
        _is_text(body.get("client_id"), CLIENT_ID)
        and _is_text(body.get("request_id"), REQUEST_ID)
        and _is_small(body.get("result"))
    )


def _is_small(answer: object) -> bool:
    """Whether it is as short as such answers are; what is nested too deep to be serialised again is not ours."""
    try:
        return len(json.dumps(answer)) <= LARGEST_ANSWER
    except TypeError:  # raised by orjson beyond 254 levels of nesting, while it parses up to 1,024
        return False


def _is_acknowledgement(body: dict[str, Any]) -> bool:
    return _is_text(body.get("client_id"), CLIENT_ID) and _is_count(body.get("next_message_id"))


def _is_log(body: dict[str, Any]) -> bool:
    return _is_text(body.get("client_id"), CLIENT_ID) and _is_text(body.get("message"), LONGEST_LOG)


def is_handshake(body: dict[str, Any]) -> bool:
    """Whether it has all that NiceGUI requires, in the query of the socket's address or in an event."""
    old_tab, following = body.get("old_tab_id"), body.get("next_message_id", 0)
    return (
        all(_is_text(body.get(name), CLIENT_ID) for name in ("client_id", "tab_id", "document_id"))
        and (old_tab is None or _is_text(old_tab, CLIENT_ID))
        and re.fullmatch(r"[0-9]{1,12}", str(following)) is not None
    )


KNOWN = {
    "event": _is_event,
    "javascript_response": _is_answer,
    "ack": _is_acknowledgement,
    "log": _is_log,
    "handshake": is_handshake,
}
