"""Events of conversations: published on the bus (storage/bus.py). `about` is the dialog, so that a page receives only
those of its own dialog.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class MessageSent:
    """A message and the row of its reply are stored; the reply is about to be written.

    A continued reply has no new message: `message_id` is None, and its row is running again.
    """

    about: int
    message_id: int | None
    reply_id: int


@dataclass(frozen=True)
class BranchChanged:
    """The current branch changed, or something was deleted or restored: open pages fetch the path again.

    `anchor_id` is the message around which it happened; `replying` says whether a reply was started by it.
    """

    about: int
    anchor_id: int | None
    replying: bool = False


@dataclass(frozen=True)
class MessageMarked:
    """A message got or lost feedback or a pin, or was hidden from the model or shown to it again."""

    about: int
    message_id: int
    changes_prompt: bool
    """Whether the next prompt will differ, so that its verbatim part may begin elsewhere."""


@dataclass(frozen=True)
class ReplyQueued:
    """The reply is queued for a place at the model, behind `ahead` others."""

    about: int
    reply_id: int
    ahead: int


class Delay(StrEnum):
    LOADING = "loading"  # the server is still loading the model
    THINKING = "thinking"  # the model is thinking before it replies


@dataclass(frozen=True)
class ReplyDelayed:
    """The reply has not begun, though the model has been asked; `why` is the reason."""

    about: int
    reply_id: int
    why: Delay


@dataclass(frozen=True)
class ReplyTakenBack:
    """The text published so far was the model's thoughts, not its reply, which begins anew."""

    about: int
    reply_id: int


@dataclass(frozen=True)
class ReplyChunk:
    """A chunk of a running reply: `length` code points from code point `at` on; `so_far` is all up to its end."""

    about: int
    reply_id: int
    at: int
    length: int
    text: str
    so_far: str


@dataclass(frozen=True)
class ReplySaved:
    """More of a running reply has been saved to its row: `length` code points from code point `at` on, where the last
    save ended. For the other instances, which do not receive chunks.

    `text` is empty if it is too long; then it is read from the row. `begins_anew`: what was saved before was the
    model's thoughts.
    """

    about: int
    reply_id: int
    at: int
    length: int
    text: str
    begins_anew: bool = False


@dataclass(frozen=True)
class ReplyEnded:
    """The reply is stored in its final state."""

    about: int
    reply_id: int


@dataclass(frozen=True)
class DialogListChanged:
    """An entry in a user's list of dialogs changed or disappeared; `about` is that user."""

    about: int
    dialog_id: int
