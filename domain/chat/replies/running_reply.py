"""Running reply: the text so far, published in throttled chunks to whoever watches."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from domain.chat.prompts.participants import Participants
from domain.chat.tree.events import ReplyChunk
from domain.model.dialog import State

PUBLISHED_EVERY = 1 / 15  # the page animates meanwhile; each event costs it 0.4 ms of CPU and 110 bytes
SENTENCE_ENDS = tuple(".!?…»”*)")


class RunningReply:
    """`text` starts with the existing text of a continued reply; chunks are published at most every `PUBLISHED_EVERY`
    seconds. `is_followed_elsewhere`: its first words are saved at once, since other instances hear of it only then.
    """

    def __init__(
        self,
        person_id: int,
        dialog_id: int,
        reply_id: int,
        text: str,
        publish: Callable[[ReplyChunk], None],
        *,
        is_followed_elsewhere: bool = False,
    ) -> None:
        self.person_id = person_id
        self.dialog_id = dialog_id
        self.reply_id = reply_id
        self.text = self.begun_with = text
        self.stopped = False
        self.is_withdrawn = False
        """Whether it ends because of a block; nobody who waits for it has stopped it."""
        self.participants: Participants | None = None
        """The participants of its prompt, as read when it was asked for; None if unknown."""
        self.model = ""
        self.prompt_tokens = 0
        """The model asked and the prompt's length, for a turn that ends before the model reports them."""
        self.recalled: list[int] = []
        """Old messages that its prompt quoted."""
        self.lore: list[list[Any]] = []
        """Lorebook entries in its prompt."""
        self.first_text_ms: int | None = None
        self._begun = time.monotonic()
        self.times_taken_back = 0
        self.is_over = False
        """Whether the stream has ended, so that only the end remains to be saved."""
        self.is_to_be_saved = asyncio.Event()
        """Set if the text must be saved before the next regular save."""
        self._is_followed_elsewhere = is_followed_elsewhere
        self.task: asyncio.Task[None] | None = None
        self._streaming: asyncio.Task[None] | None = None
        self._is_broken_off = False
        self._thinks = False
        self._publish = publish
        self._published_upto = len(text)
        self._next_publication: asyncio.TimerHandle | None = None

    @property
    def has_grown(self) -> bool:
        return len(self.text) > len(self.begun_with)

    @property
    def added(self) -> str:
        """The text that this turn has added."""
        return self.text[len(self.begun_with) :]

    @property
    def seconds(self) -> float:
        """Seconds since it was asked for."""
        return time.monotonic() - self._begun

    def grow(self, piece: str) -> None:
        if not self.has_grown and self.begun_with[-1:] in SENTENCE_ENDS and piece[:1].isalnum():
            piece = f" {piece}"  # a continued reply begins a new sentence
        if self.first_text_ms is None:
            self.first_text_ms = int(self.seconds * 1000)
        if self._is_followed_elsewhere and not self.has_grown:
            self.is_to_be_saved.set()
        self.text += piece
        if self._next_publication is None:
            self._publish_growth()

    def take_back(self) -> None:
        """Drop the text that was added, since it was not the reply, and begin anew."""
        self.mute()
        self._next_publication = None
        self.text = self.begun_with
        self._published_upto = len(self.text)
        self.times_taken_back += 1

    def begins_to_think(self) -> bool:
        """Note that the model is thinking; returns whether that is news and no word of the reply has arrived yet."""
        is_news = not self._thinks and not self.has_grown
        self._thinks = True
        return is_news

    def stop(self) -> None:
        """Stop at the user's request: end with the text so far."""
        self.stopped = True
        self.interrupt()

    def withdraw(self) -> None:
        """End with the text so far, since whoever asked for it, the character or its author is blocked."""
        self.is_withdrawn = True
        self.interrupt()

    def interrupt(self) -> None:
        """Cancel the stream, once; the text so far is then saved, and that is not cancelled."""
        self._is_broken_off = True
        if self._streaming:
            self._streaming.cancel()
            self._streaming = None

    def end_saving(self) -> None:
        """Note that the stream has ended, and end the regular saves."""
        self.is_over = True
        self.is_to_be_saved.set()

    def cancel(self) -> None:
        """Cancel everything, including the saving."""
        if self.task:
            self.task.cancel()

    @contextmanager
    def stream(self) -> Iterator[None]:
        """The part of the turn's task that `interrupt` cancels, even if called before the part began."""
        if self._is_broken_off:
            raise asyncio.CancelledError
        self._streaming = self.task
        try:
            yield
        finally:
            self._streaming = None

    def mute(self) -> None:
        """Publish no more chunks: the end is published instead."""
        if self._next_publication is not None:
            self._next_publication.cancel()

    def _publish_growth(self) -> None:
        self._next_publication = None
        if self._published_upto == len(self.text):
            return
        at, self._published_upto = self._published_upto, len(self.text)
        self._publish(
            ReplyChunk(self.dialog_id, self.reply_id, at, self._published_upto - at, self.text[at:], self.text)
        )
        self._next_publication = asyncio.get_running_loop().call_later(PUBLISHED_EVERY, self._publish_growth)


@dataclass(frozen=True)
class End:
    """The end of a turn, as written to the row. Tokens are those of this turn, None if nothing came of it."""

    state: State
    text: str
    fault: str = ""
    reference: str = ""
    model: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_estimated: bool = False
    cost: int | None = None
    first_text_ms: int | None = None
    thoughts: str = ""
    recalled: list[int] | None = None
    """Old messages that its prompt quoted; None, if no text arrived, leaves the row's value as it is."""
    lore: list[list[Any]] | None = None
    """Lorebook entries in its prompt; None as above."""
