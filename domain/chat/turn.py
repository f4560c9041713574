"""A reply being written: what has come so far, told to whoever watches."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from domain.chat.dialog import State
from domain.chat.facts import ReplyGrew

TOLD_EVERY = 0.05  # seconds: 20 updates a second read as flowing; each costs 0.1 ms a page (measured)
SENTENCE_ENDS = tuple(".!?…»”*)")


class Turn:
    """`text` begins with what a continued reply had already; pieces are told at most every `TOLD_EVERY` seconds."""

    def __init__(self, dialog_id: int, reply_id: int, text: str, tell: Callable[[ReplyGrew], None]) -> None:
        self.dialog_id = dialog_id
        self.reply_id = reply_id
        self.text = self.begun_with = self.saved = text
        self.stopped = False
        self.task: asyncio.Task[None] | None = None
        self._tell = tell
        self._told = len(text)
        self._next_telling: asyncio.TimerHandle | None = None

    @property
    def has_grown(self) -> bool:
        return len(self.text) > len(self.begun_with)

    def grow(self, piece: str) -> None:
        if not self.has_grown and self.begun_with[-1:] in SENTENCE_ENDS and piece[:1].isalnum():
            piece = f" {piece}"  # a continued reply goes on with a new sentence
        self.text += piece
        if self._next_telling is None:
            self._tell_growth()

    def stop(self) -> None:
        """End it with what has come; a second call changes nothing."""
        if self.task and not self.stopped:
            self.stopped = True
            self.task.cancel()

    def hush(self) -> None:
        """Tell nothing more: the end is told instead."""
        if self._next_telling is not None:
            self._next_telling.cancel()

    def _tell_growth(self) -> None:
        self._next_telling = None
        if self._told == len(self.text):
            return
        at, self._told = self._told, len(self.text)
        self._tell(ReplyGrew(self.dialog_id, self.reply_id, at, self._told - at, self.text[at:]))
        self._next_telling = asyncio.get_running_loop().call_later(TOLD_EVERY, self._tell_growth)


@dataclass(frozen=True)
class End:
    """How a turn ended, as it is written to the row."""

    state: State
    text: str
    fault: str = ""
    reference: str = ""
    model: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_estimated: bool = False
