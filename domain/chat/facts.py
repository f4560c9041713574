"""What is told while a conversation goes on. `about` is the dialog, so that a page hears of its own dialog only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MessageSent:
    """A message and its reply row are kept; the reply is about to be written. A retry has no message of its own."""

    about: int
    message_id: int | None
    reply_id: int
    replaced_id: int | None = None


@dataclass(frozen=True)
class ReplyGrew:
    """A piece of a running reply: `length` code points that begin at code point `at`."""

    about: int
    reply_id: int
    at: int
    length: int
    text: str


@dataclass(frozen=True)
class ReplyEnded:
    """The reply is kept in its last state."""

    about: int
    reply_id: int
