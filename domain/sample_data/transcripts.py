"""Sample data, a single dialog: threads in sequence, with an occasional fault."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from random import Random

from domain.llm.faults import CutOff, EmptyReply, ModelTimeout, Overloaded, Unavailable
from domain.llm.port import Role
from domain.llm.token_estimates import CHARACTERS_A_TOKEN
from domain.model.dialog import Dialog, Message, State
from domain.prices import Prices, read_prices
from domain.sample_data.conversations import ANYTHING, BEGINNING, END, Thread, threads
from domain.sample_data.people import Person
from storage.bulk import Row

SHORTEST, LONGEST = 2, 40
"""Range of the number of messages after the greeting."""
WISDOM_OF_BREVITY = 1.4
"""Exponent of the skewed choice of a length: above 1, short conversations are more common than long ones."""
FAREWELLS, ASKED_AGAIN, COMES_BACK_LATER = 0.5, 0.8, 0.02
MODELS, MODEL_WEIGHTS = ("yandexgpt-lite/latest", "yandexgpt/latest", "aliceai-llm/latest"), (7, 2, 1)
PRICES = Prices(read_prices("yandexgpt-lite/latest=0.2,yandexgpt/latest=0.4/1.2,aliceai-llm/latest=0.5/2"))
FASTEST, SLOWNESS, LONG_TAIL = 300, 6, 0.8
"""Latency to the first word in milliseconds: a minimum, and the parameters of the log-normal rest; half of them are
within 0.7 s, one in a hundred is beyond 2.9 s.
"""
OUTCOMES = (State.DONE, State.STOPPED, State.INTERRUPTED, State.FAILED, State.FILTERED)
OUTCOME_WEIGHTS = (960, 10, 10, 15, 5)
FAULTS = (Unavailable.code, Overloaded.code, ModelTimeout.code, EmptyReply.code)
REFUSAL = "Я не могу обсуждать эту тему. Давайте поговорим о чём-нибудь ещё."

_BLANK = Message(dialog_id=0, role=Role.ASSISTANT).model_dump(exclude={"id", "dialog_id"})
_PROMPT = 300  # approximate tokens of a character's own texts


@dataclass(frozen=True, slots=True)
class Partner:
    """The properties of a character that a conversation needs; `greeting` is the one this user gets."""

    id: int
    is_woman: bool
    greeting: str
    interests: list[str]


@dataclass(frozen=True, slots=True)
class Talk:
    """A dialog without ids: `parent_id`, `next_id` and `leaf` are indexes into `messages`."""

    dialog: Row
    messages: list[Row]
    leaf: int

    def settled(self, dialog_id: int, ids: Sequence[int]) -> tuple[Row, Iterator[Row]]:
        """The rows to insert, given an id for each message."""
        dialog = self.dialog | {"id": dialog_id, "leaf_id": ids[self.leaf]}
        return dialog, (
            row
            | {
                "id": ids[place],
                "dialog_id": dialog_id,
                "parent_id": None if row["parent_id"] is None else ids[row["parent_id"]],
                "next_id": None if row["next_id"] is None else ids[row["next_id"]],
            }
            for place, row in enumerate(self.messages)
        )


def talk(chance: Random, person: Person, partner: Partner, begins: datetime, now: datetime) -> Talk:
    """Generate a dialog between the two from `begins` on; messages that would fall after `now` are left out."""
    writer = _Writer(chance, begins, now)
    if partner.greeting:
        writer.add(Role.ASSISTANT, partner.greeting)
    for line, next_line in _exchanges(_lines(chance, person, partner)):
        writer.ask(line)
        writer.answer(next_line)
        if writer.is_now:
            break
    ends = writer.messages[-1]["created_at"]
    dialog = Dialog(user_id=person.id, character_id=partner.id, started_at=begins, spoken_at=ends)
    return Talk(dialog.model_dump(), writer.messages, writer.leaf)


def _lines(chance: Random, person: Person, partner: Partner) -> list[str]:
    def about(subject: str) -> list[Thread]:
        agreeing = threads(subject, person_is_woman=person.is_woman, character_is_woman=partner.is_woman)
        return chance.sample(agreeing, len(agreeing))

    length = SHORTEST + int((LONGEST - SHORTEST) * chance.random() ** WISDOM_OF_BREVITY) // 2 * 2
    middle = [*chain.from_iterable(map(about, partner.interests)), *about(ANYTHING)[: len(partner.interests)]]
    chance.shuffle(middle)
    lines = [*about(BEGINNING)[0], *chain.from_iterable(middle)]
    if len(lines) < length:
        lines += chain.from_iterable(thread for thread in about(ANYTHING) if thread not in middle)
    lines = lines[:length]
    if chance.random() < FAREWELLS and length > SHORTEST:
        lines[-SHORTEST:] = about(END)[0]
    return lines


def _exchanges(lines: list[str]) -> Iterator[tuple[str, str]]:
    return zip(lines[::2], lines[1::2], strict=True)


class _Writer:
    """Writes messages in sequence and keeps the simulated time."""

    def __init__(self, chance: Random, begins: datetime, now: datetime) -> None:
        self.messages: list[Row] = []
        self.leaf = 0
        self._chance = chance
        self._clock = begins
        self._now = now
        self._model = chance.choices(MODELS, MODEL_WEIGHTS)[0]
        self._tokens = _PROMPT

    @property
    def is_now(self) -> bool:
        return self._clock >= self._now

    def add(self, role: Role, text: str, **more: object) -> None:
        """Add a message at the end of the path."""
        self._put(role, text, self.leaf if self.messages else None, more)

    def ask(self, text: str) -> None:
        slowly = self._chance.random() < COMES_BACK_LATER
        self._wait(self._chance.uniform(3_600, 90_000) if slowly else self._chance.uniform(8, 120))
        self.add(Role.USER, text)

    def answer(self, text: str) -> None:
        question = self.leaf
        state = self._chance.choices(OUTCOMES, OUTCOME_WEIGHTS)[0]
        if state == State.FAILED:
            self._reply("", state=state, fault=self._chance.choice(FAULTS), reference=self._reference())
            if self._chance.random() > ASKED_AGAIN:
                return
            self.leaf, state = question, State.DONE  # regenerated: the next reply is a sibling of this one
        match state:
            case State.STOPPED:
                self._reply(self._part(text), state=state)
            case State.INTERRUPTED:
                self._reply(self._part(text), state=state, fault=CutOff.code, reference=self._reference())
            case State.FILTERED:
                self._reply(REFUSAL, state=state)
            case _:
                self._reply(text)

    def _reply(self, text: str, **more: object) -> None:
        self._wait(self._chance.uniform(2, 15))
        spent = self._spent(text) if text else {"cost": 0}
        self.add(Role.ASSISTANT, text, model=self._model, **spent, **more)

    def _spent(self, text: str) -> Row:
        tokens_out = len(text) // CHARACTERS_A_TOKEN
        return {
            "tokens_in": self._tokens,
            "tokens_out": tokens_out,
            "tokens_estimated": True,
            "cost": PRICES.cost(self._model, self._tokens, tokens_out),
            "first_text_ms": FASTEST + int(self._chance.lognormvariate(SLOWNESS, LONG_TAIL)),
        }

    def _put(self, role: Role, text: str, below: int | None, more: Row) -> None:
        place = len(self.messages)
        if below is not None:
            self.messages[below]["next_id"] = place
        self.messages.append(
            _BLANK | {"role": role, "text": text, "parent_id": below, "created_at": self._clock} | more
        )
        self.leaf = place
        self._tokens += len(text) // CHARACTERS_A_TOKEN

    def _wait(self, seconds: float) -> None:
        self._clock = min(self._clock + timedelta(seconds=seconds), self._now)

    def _part(self, text: str) -> str:
        words = text.split(" ")
        return " ".join(words[: max(1, len(words) // 2)])

    def _reference(self) -> str:
        return f"{self._chance.getrandbits(32):08x}"
