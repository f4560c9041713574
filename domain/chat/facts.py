"""What is told while a conversation goes on. `about` is the dialog, so that a page hears of its own dialog only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MessageSent:
    """A message and its reply row are kept; the reply is about to be written.

    A reply that is continued has no new message: `message_id` is None, and its row is running again.
    """

    about: int
    message_id: int | None
    reply_id: int


@dataclass(frozen=True)
class PathChanged:
    """Another branch is read now, or something was deleted or brought back: open pages fetch the path anew.

    `anchor_id` is the message around which it happened; `replying` says whether a reply began with it.
    """

    about: int
    anchor_id: int | None
    replying: bool = False


@dataclass(frozen=True)
class ReplyQueued:
    """The reply waits for a place at the model, behind `ahead` others."""

    about: int
    reply_id: int
    ahead: int


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


@dataclass(frozen=True)
class DialogChanged:
    """A line in somebody's list of dialogs is another now, or gone; `about` is that person."""

    about: int
    dialog_id: int
