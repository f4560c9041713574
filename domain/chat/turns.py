"""Turns: each writes one reply, from the model to the row, whether or not anybody is looking.

A reply belongs to the domain. Its row exists before the model is asked; a task of ours streams into it, keeps what has
come every second and ends it in exactly one state. Pages only watch.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from sqlalchemy import Update, update
from sqlmodel import col

from domain.characters.character import Character
from domain.chat.dialog import Dialog, Message, State
from domain.chat.facts import ReplyEnded, ReplyGrew
from domain.chat.path import path_to
from domain.chat.prompt import build_prompt
from domain.llm.deadlines import Deadlines, within_deadlines
from domain.llm.faults import EmptyReply, KnownFault
from domain.llm.port import Ending, LanguageModel, Outcome, Prompt
from storage.bus import Bus
from storage.database import Database

log = logging.getLogger(__name__)

SAVED_EVERY = 0.8  # seconds: a crash loses less than a second of text
TOLD_EVERY = 0.05  # seconds: 20 updates a second read as flowing; each costs 0.1 ms a page (measured)
HISTORY_READ = 400
"""Messages looked at for a prompt: far more than fit."""

UNEXPECTED = "unexpected"


class Turn:
    """A reply being written: what has come so far, told to whoever watches at most every `TOLD_EVERY` seconds."""

    def __init__(self, dialog_id: int, reply_id: int, tell: Callable[[ReplyGrew], None]) -> None:
        self.dialog_id = dialog_id
        self.reply_id = reply_id
        self.text = ""
        self.saved = ""
        self.stopped = False
        self.task: asyncio.Task[None] | None = None
        self._tell = tell
        self._told = 0
        self._next_telling: asyncio.TimerHandle | None = None

    def grow(self, piece: str) -> None:
        self.text += piece
        if self._next_telling is None:
            self._tell_growth()

    def _tell_growth(self) -> None:
        self._next_telling = None
        if self._told == len(self.text):
            return
        at, self._told = self._told, len(self.text)
        self._tell(ReplyGrew(self.dialog_id, self.reply_id, at, self._told - at, self.text[at:]))
        self._next_telling = asyncio.get_running_loop().call_later(TOLD_EVERY, self._tell_growth)

    def hush(self) -> None:
        """Tell nothing more: the end is told instead."""
        if self._next_telling is not None:
            self._next_telling.cancel()


@dataclass(frozen=True)
class End:
    """How a turn ended, as it is written to the row."""

    state: State
    text: str
    ending: Ending | None = None
    fault: str = ""
    reference: str = field(default="")


class Turns:
    """Every running reply of this process, and the queue for the model's places."""

    def __init__(
        self, database: Database, bus: Bus, model: LanguageModel, *, places: int, deadlines: Deadlines | None = None
    ) -> None:
        self._database = database
        self._bus = bus
        self._model = model
        self._places = asyncio.Semaphore(places)
        self._deadlines = deadlines or Deadlines()
        self._running: dict[int, Turn] = {}

    @property
    def model_name(self) -> str:
        return self._model.name

    @property
    def is_demo(self) -> bool:
        return self._model.is_demo

    def start(self, dialog_id: int, reply_id: int) -> None:
        """Write the reply whose row has just been committed."""
        turn = Turn(dialog_id, reply_id, self._bus.tell)
        self._running[reply_id] = turn
        turn.task = asyncio.create_task(self._write(turn), name=f"reply {reply_id}")
        turn.task.add_done_callback(lambda _: self._running.pop(reply_id, None))

    def stop(self, reply_id: int) -> None:
        """End the reply with what has come; a second call changes nothing."""
        turn = self._running.get(reply_id)
        if turn and turn.task and not turn.stopped:
            turn.stopped = True
            turn.task.cancel()

    def text_of(self, reply_id: int) -> str | None:
        """What has been told of a running reply, ahead of what is saved; None when it is not running here."""
        turn = self._running.get(reply_id)
        return turn.text if turn else None

    async def close(self) -> None:
        """Going down: running replies are kept as interrupted, with the text they have."""
        tasks = [turn.task for turn in self._running.values() if turn.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def mark_abandoned(self) -> int:
        """At start: replies that a dead process left running are interrupted, their saved text kept."""
        async with self._database.write() as db:
            abandoned = update(Message).where(col(Message.state) == State.RUNNING)
            return (await db.exec(abandoned.values(state=State.INTERRUPTED))).rowcount

    async def _write(self, turn: Turn) -> None:
        saving = asyncio.create_task(self._save_as_it_grows(turn), name=f"saving reply {turn.reply_id}")
        try:
            end = await self._stream(turn)
        finally:
            saving.cancel()
            await asyncio.gather(saving, return_exceptions=True)
        turn.hush()
        await self._keep_end(turn, end)
        self._bus.tell(ReplyEnded(turn.dialog_id, turn.reply_id))

    async def _stream(self, turn: Turn) -> End:
        """From the model into the turn; every way this can go comes out as an `End`."""
        try:
            async with self._places:
                prompt = await self._prompt_for(turn)
                ending = await self._ask(prompt, turn)
        except asyncio.CancelledError:
            return End(State.STOPPED if turn.stopped else State.INTERRUPTED, turn.text)
        except KnownFault as fault:
            return self._told_fault(turn, fault.code, fault)
        except Exception as error:  # noqa: BLE001 - a last resort: a reply must end, never stay "running" for ever
            return self._told_fault(turn, UNEXPECTED, error)
        if ending.outcome == Outcome.FILTERED:
            return End(State.FILTERED, ending.replacement, ending)
        return End(State.DONE, turn.text, ending)

    async def _ask(self, prompt: Prompt, turn: Turn) -> Ending:
        async with aclosing(within_deadlines(self._model.reply(prompt), self._deadlines)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Ending):
                    return piece
                turn.grow(piece)
        raise EmptyReply

    async def _prompt_for(self, turn: Turn) -> Prompt:
        async with self._database.read() as db:
            reply = await db.get_one(Message, turn.reply_id)
            dialog = await db.get_one(Dialog, turn.dialog_id)
            character = await db.get_one(Character, dialog.character_id)
            path = await path_to(db, reply.parent_id, limit=HISTORY_READ)
        return build_prompt(character, path)

    def _told_fault(self, turn: Turn, code: str, error: Exception) -> End:
        """A fault with a reference: the person reads the reference, the log has it beside the cause."""
        reference = secrets.token_hex(4)
        cause = error.__cause__ or error
        status = getattr(cause, "status_code", "")
        if code == UNEXPECTED:
            log.error("Reply %s broke [%s]", turn.reply_id, reference, exc_info=error)
        else:
            # The provider's own words may hold the folder id or a piece of the conversation: kind and status only.
            log.warning("Reply %s: %s, %s %s [%s]", turn.reply_id, code, type(cause).__name__, status, reference)
        state = State.INTERRUPTED if turn.text else State.FAILED
        return End(state, turn.text, fault=code, reference=reference)

    async def _save_as_it_grows(self, turn: Turn) -> None:
        while True:
            await asyncio.sleep(SAVED_EVERY)
            if turn.saved != turn.text:
                text = turn.text
                async with self._database.write() as db:
                    await db.exec(_running(turn).values(text=text))
                turn.saved = text

    async def _keep_end(self, turn: Turn, end: End) -> None:
        """The one write that ends a reply; a row deleted meanwhile is not brought back."""
        async with self._database.write() as db:
            await db.exec(
                _running(turn).values(
                    text=end.text,
                    state=end.state,
                    fault=end.fault,
                    reference=end.reference,
                    model=self._model.name,
                    tokens_in=end.ending.tokens_in if end.ending else None,
                    tokens_out=end.ending.tokens_out if end.ending else None,
                )
            )


def _running(turn: Turn) -> Update:
    return update(Message).where(col(Message.id) == turn.reply_id, col(Message.state) == State.RUNNING)
