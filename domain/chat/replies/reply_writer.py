"""Reply writer (background tasks): each turn writes one reply, from the model to its row, whether or not anybody
watches.

The reply's row exists before the model is asked. A task streams into it, saves the text so far at least every second
and ends it in exactly one final state. Pages only watch.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import aclosing, suppress
from functools import partial

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.prompts.participants import Participants
from domain.chat.prompts.prompt_reader import PromptReader
from domain.chat.replies.reply_end import UNEXPECTED, broken_off_end, end_of, faulty_end, settled
from domain.chat.replies.reply_row import ReplyRow, ask_to_stop, ask_to_withdraw, save_as_it_grows
from domain.chat.replies.retries import Retries, RetryPolicy
from domain.chat.replies.running_reply import End, RunningReply
from domain.chat.replies.trial_limit import check_trial
from domain.chat.tree.events import Delay, ReplyDelayed, ReplyEnded, ReplyQueued, ReplyTakenBack
from domain.errors import Busy, RateLimited
from domain.llm.concurrency import ModelConcurrency, ModelPlaces, ModelQueueFull
from domain.llm.deadlines import Timeouts, with_timeouts
from domain.llm.faults import EmptyReply, KnownFault, Loading
from domain.llm.port import Ending, LanguageModel, Sign
from domain.llm.token_estimates import estimated_tokens
from domain.model.user import User
from domain.prices import Prices
from domain.rate_limits import MESSAGES_A_DAY, MESSAGES_A_MINUTE, REPLIES_AT_ONCE, RateLimiter
from domain.text import without_controls
from domain.usage.budget import TokenBudgets
from domain.usage.concurrent_replies import TooManyAtOnce
from domain.usage.meter import Meter, NoMeter
from storage.bus import Bus
from storage.database import Database

log = logging.getLogger(__name__)

QUEUE_RESERVE = 30  # seconds, for our own queue
STILL_FRESH = 1  # seconds: a reply that has waited longer reads its character and settings again
LAST_WRITES = 2  # seconds at shutdown to save replies that were broken off


class ReplyWriter:
    """All running replies of this process, and the queue for the model.

    `places` is the number of places at the model for this process, or an object that shares them among all instances.
    `at_once` is the maximum of running and queued replies per user; `trial_messages` is the number of messages that
    somebody without an account may send.
    """

    def __init__(
        self,
        database: Database,
        bus: Bus,
        model: LanguageModel,
        limits: RateLimiter,
        *,
        places: int | ModelPlaces,
        at_once: int = REPLIES_AT_ONCE,
        deadlines: Timeouts | None = None,
        patience: RetryPolicy | None = None,
        prices: Prices | None = None,
        budgets: TokenBudgets | None = None,
        trial_messages: int = 0,
        keeps_thoughts: bool = False,
        meter: Meter | None = None,
        prompts: PromptReader | None = None,
    ) -> None:
        self._database = database
        self._bus = bus
        self._model = model
        self.limits = limits
        self.places: ModelPlaces = ModelConcurrency(places, each=at_once) if isinstance(places, int) else places
        self._at_once = at_once
        self._deadlines = deadlines or Timeouts()
        self._patience = patience or RetryPolicy()
        self._prices = prices or Prices()
        self._budgets = budgets or TokenBudgets()
        self.trial_messages = trial_messages
        self._keeps_thoughts = keeps_thoughts
        self._meter = meter or NoMeter()
        self.prompts = prompts or PromptReader(model.room)
        self._running: dict[int, RunningReply] = {}
        self._is_shutting_down = False

    @property
    def longest_wait(self) -> float:
        """Seconds that a reply may take: for the model's first sign, for the rest, and a reserve for our own queue."""
        return self._deadlines.first + self._deadlines.whole + QUEUE_RESERVE

    @property
    def model_name(self) -> str:
        return self._model.name

    @property
    def is_demo(self) -> bool:
        return self._model.is_demo

    @property
    def running(self) -> int:
        """Number of replies that are written here or wait for a place."""
        return len(self._running)

    async def take_from_rate_limit(self, person_id: int) -> None:
        """Take from the user's rate limit for replies; raises `RateLimited` for `text`. Called outside transactions."""
        try:
            await self.limits.take_each((MESSAGES_A_MINUTE, MESSAGES_A_DAY), person_id)
        except RateLimited as refusal:
            raise RateLimited(refusal.until, field="text") from refusal

    async def check_admission(
        self, db: AsyncSession, person: User, running: int, answered_id: int | None = None
    ) -> None:
        """Admission control: refuse a new turn during shutdown (`Busy`), after the end of a trial (`NeedsAccount`),
        beyond the user's concurrency limit (`TooManyAtOnce`) or token budget (`BudgetSpent`). Called in the transaction
        that would store it, with the user's row locked, before anything is written; `running` is how many replies are
        being written for the user, `answered_id` the message to be answered if it is there already.
        """
        if self._is_shutting_down:
            raise Busy("The server is being restarted. Please send this again in a minute.", field="text")
        await check_trial(db, person, self.trial_messages, answered_id)
        if running >= self._at_once:
            raise TooManyAtOnce(self._at_once)
        await self._budgets.check(db, person)

    def start(
        self, person_id: int, dialog_id: int, reply_id: int, text: str = "", participants: Participants | None = None
    ) -> None:
        """Start writing the reply whose row has just been committed. `text` is its existing text if it is continued;
        `participants` are those of its prompt if that transaction has read them.
        """
        elsewhere = self._bus.wire.reaches_others
        turn = RunningReply(person_id, dialog_id, reply_id, text, self._bus.publish, is_followed_elsewhere=elsewhere)
        turn.participants = participants
        self._running[reply_id] = turn
        turn.task = asyncio.create_task(self._write(turn), name=f"reply {reply_id}")
        turn.task.add_done_callback(lambda _: self._forget(turn))
        if self._is_shutting_down:
            turn.interrupt()  # shutdown began while its message was being stored

    async def stop(self, reply_id: int) -> None:
        """Stop a running reply, here or in the instance that writes it; what has arrived is kept."""
        if turn := self._running.get(reply_id):
            turn.stop()
        elif self._bus.wire.reaches_others:
            await ask_to_stop(self._database, reply_id)

    async def withdraw(self, reply_id: int) -> None:
        """As `stop`, for a reply that a block ends: the person is told that it was not theirs to stop."""
        if turn := self._running.get(reply_id):
            turn.withdraw()
        elif self._bus.wire.reaches_others:
            await ask_to_withdraw(self._database, reply_id)

    def text_of(self, reply_id: int) -> str | None:
        """The text so far of a running reply, which is ahead of what is saved; None if it is not running here."""
        turn = self._running.get(reply_id)
        return turn.text if turn else None

    def streamed_text(self, reply_id: int) -> str | None:
        """As `text_of`, but None as soon as the reply's end is about to be published."""
        turn = self._running.get(reply_id)
        return turn.text if turn and not turn.is_over else None

    def is_writing(self, reply_id: int) -> bool:
        return reply_id in self._running

    def is_writing_in(self, dialog_id: int) -> bool:
        return any(turn.dialog_id == dialog_id for turn in self._running.values())

    def refuse_new(self) -> None:
        """Refuse every new turn with `Busy` from now on; running ones continue."""
        self._is_shutting_down = True

    async def close(self, grace: float = 0) -> None:
        """Graceful shutdown: no new replies, running ones get `grace` seconds, the rest are saved as interrupted.

        If the database does not accept even that in time, the next start finds what was saved before.
        """
        self.refuse_new()
        if not await self._all_ended(within=grace):
            for turn in self._running.values():
                turn.interrupt()
        if not await self._all_ended(within=LAST_WRITES):
            for turn in self._running.values():
                log.error("Reply %s is left as it was saved last: the database does not answer", turn.reply_id)
                turn.cancel()

    async def _all_ended(self, within: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while tasks := [turn.task for turn in self._running.values() if turn.task]:
                    await asyncio.wait(tasks)
        return not self._running

    def _forget(self, turn: RunningReply) -> None:
        if self._running.get(turn.reply_id) is turn:  # it may have been continued already
            del self._running[turn.reply_id]

    async def _write(self, turn: RunningReply) -> None:
        row = ReplyRow(self._database, turn.dialog_id, turn.reply_id, is_continued=bool(turn.begun_with))
        saving = asyncio.create_task(save_as_it_grows(turn, row, self._bus), name=f"saving reply {turn.reply_id}")
        end = await self._stream(turn)
        turn.end_saving()
        await asyncio.wait({saving})
        turn.mute()
        end = settled(turn, end, self._model.name, self._prices, keeps_thoughts=self._keeps_thoughts)
        await row.save_end(end)
        self._measure(turn, end)
        self._bus.publish(ReplyEnded(turn.dialog_id, turn.reply_id))

    def _measure(self, turn: RunningReply, end: End) -> None:
        first_text = None if end.first_text_ms is None else end.first_text_ms / 1000
        self._meter.reply_ended(end.state, end.model, seconds=turn.seconds, first_text=first_text)
        self._meter.tokens_used(end.model, end.tokens_in or 0, end.tokens_out or 0, end.cost or 0)

    async def _stream(self, turn: RunningReply) -> End:
        """Stream from the model into the turn; every outcome is returned as an `End`."""
        try:
            with turn.stream():
                return await self._ask_patiently(turn)
        except asyncio.CancelledError:
            return broken_off_end(turn)
        except KnownFault as fault:
            return faulty_end(turn, fault.code, fault)
        except Exception as error:  # noqa: BLE001 - a last resort: a reply must end, never stay "running" for ever
            return faulty_end(turn, UNEXPECTED, error)

    async def _ask_patiently(self, turn: RunningReply) -> End:
        """Ask with retries, while no text has arrived and a retry may help."""
        retries = Retries(self._patience, self.places, self._deadlines.first)
        while True:
            try:
                queued_at = time.monotonic()
                async with self.places.acquire(turn.person_id, partial(self._publish_queue_position, turn)):
                    self._meter.place_granted(time.monotonic() - queued_at)
                    return await self._ask(turn, retries.part)
            except KnownFault as fault:
                if not isinstance(fault, ModelQueueFull):  # our own queue, of which the model knows nothing
                    self._meter.model_failed(fault.code)
                if turn.has_grown or (wait := retries.wait_after(fault, turn.prompt_tokens)) is None:
                    raise
                if isinstance(fault, Loading):
                    self._publish_delay(turn, Delay.LOADING)
                await asyncio.sleep(wait)

    def _publish_queue_position(self, turn: RunningReply, ahead: int) -> None:
        self._bus.publish(ReplyQueued(turn.dialog_id, turn.reply_id, ahead))

    def _publish_delay(self, turn: RunningReply, why: Delay) -> None:
        self._bus.publish(ReplyDelayed(turn.dialog_id, turn.reply_id, why))

    async def _ask(self, turn: RunningReply, part: float) -> End:
        asked = await self.prompts.for_reply(
            *(self._database, turn.dialog_id, turn.reply_id),
            unfinished=turn.begun_with,
            part=part,
            participants=turn.participants if turn.seconds < STILL_FRESH else None,
        )
        if asked.is_withdrawn:
            turn.is_withdrawn = True
            raise asyncio.CancelledError
        prompt = asked.prompt
        turn.recalled, turn.lore = asked.recalled, asked.lore
        turn.model, turn.prompt_tokens = prompt.model or self._model.name, estimated_tokens(prompt)
        pieces = with_timeouts(self._model.reply(prompt), self._deadlines, self.places.load)
        async with aclosing(pieces):
            async for piece in pieces:
                if isinstance(piece, Ending):
                    return end_of(turn, piece)
                self._hear(turn, piece)
        raise EmptyReply

    def _hear(self, turn: RunningReply, piece: str | Sign) -> None:
        if isinstance(piece, str):
            turn.grow(without_controls(piece))
        elif piece is Sign.TAKEN_BACK:
            turn.take_back()
            self._bus.publish(ReplyTakenBack(turn.dialog_id, turn.reply_id))
        elif piece is Sign.THINKING and turn.begins_to_think():
            self._publish_delay(turn, Delay.THINKING)
