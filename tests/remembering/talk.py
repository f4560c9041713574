"""A long talk with needles in it, as rows: small talk, and here and there something worth remembering.

talk = long_talk(5_000, needles())
planted = await plant(db, user_id, character_id, talk)      # at once, as an import would
planted.messages_with(needle)                               # where its sentences were said
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.tree.message_tree import place_below
from domain.clock import now
from domain.llm.port import Role
from domain.model.dialog import Dialog, Message, State
from storage.bulk import Row, add_rows, reserve_ids
from tests.remembering.filler import Filler
from tests.remembering.needles import Kind, Needle

FIRST, LAST = 2, 20
"""Needles lie from this turn on, and so many turns or more before the end: what is still to be said comes after it."""
PACE = timedelta(minutes=7)
ROWS = 5_000  # inserted at once
MESSAGES = Message.metadata.tables["message"]


OFF_PATH = {Kind.BRANCH, Kind.DELETED}


@dataclass(frozen=True)
class Line:
    """A message; `follows` is the index of its parent among the lines."""

    role: Role
    text: str
    follows: int | None
    needles: tuple[Needle, ...] = ()

    def is_of(self, kind: Kind) -> bool:
        return any(each.kind == kind for each in self.needles)


@dataclass
class Talk:
    turns: int
    lines: list[Line] = field(default_factory=list)
    leaf: int | None = None
    """The place of the last line of the path being read."""
    at: dict[str, list[int]] = field(default_factory=dict)
    """The turns in which sentences were said, by the first of them."""

    def places(self, needle: Needle) -> list[int]:
        """Indices of the lines that hold the needle."""
        return [place for place, line in enumerate(self.lines) if needle in line.needles]


@dataclass(frozen=True)
class Planted:
    dialog_id: int
    ids: list[int]
    """Of the messages, by the places of the lines."""
    talk: Talk

    def messages_with(self, needle: Needle) -> list[int]:
        return [self.ids[place] for place in self.talk.places(needle)]


def long_talk(turns: int, needles: Sequence[Needle] = (), seed: int = 16) -> Talk:
    """A talk of so many turns; each sentence of a needle is in a turn of its own, if there are enough of them."""
    random, talk = Random(seed), Talk(turns)
    filler, hidden = Filler(random), _scattered(needles, turns, random)
    for turn in range(1, turns + 1):
        here = hidden.get(turn, [])
        for needle, _ in here:
            talk.at.setdefault(needle.said[0], []).append(turn)
        for role in (Role.USER, Role.ASSISTANT):
            told = [(needle, sentence) for needle, sentence in here if needle.who == role]
            for needle, sentence in told:
                if needle.kind in OFF_PATH:
                    _add_aside(talk, filler, needle, sentence)
            _add_line(talk, filler, random, role, [each for each in told if each[0].kind not in OFF_PATH])
    return talk


def _scattered(needles: Sequence[Needle], turns: int, random: Random) -> dict[int, list[tuple[Needle, str]]]:
    """Sentences by turn: in the first and the last turn that may have any, and the rest at random."""
    sentences = sum(len(each.said) for each in needles)
    places = list(range(FIRST, turns - LAST + 1))
    inner = random.sample(places[1:-1], max(0, min(sentences, len(places)) - 2))
    chosen = [*places[:1], *inner, *places[-1:]]
    free: list[int] = []
    found: dict[int, list[tuple[Needle, str]]] = {}
    for needle in needles:
        if len(free) < len(needle.said):
            free += random.sample(chosen, len(chosen))
        own = sorted(free.pop(0) for _ in needle.said)
        for turn, sentence in zip(own, needle.said, strict=True):
            found.setdefault(turn, []).append((needle, sentence))
    return found


def _add_aside(talk: Talk, filler: Filler, needle: Needle, sentence: str) -> None:
    """Add a message that is not on the path: a sibling of what follows, deleted or not."""
    if needle.who == Role.USER:
        talk.lines.append(Line(Role.USER, f"{sentence} {filler.question()}", talk.leaf, (needle,)))
        talk.lines.append(Line(Role.ASSISTANT, filler.reply(), len(talk.lines) - 1, (needle,)))
    else:
        talk.lines.append(Line(Role.ASSISTANT, f"{sentence} {filler.reply()}", talk.leaf, (needle,)))


def _add_line(talk: Talk, filler: Filler, random: Random, role: Role, told: Sequence[tuple[Needle, str]]) -> None:
    """Add the next message of the path; a person says first what matters, a character amid the rest."""
    sentences = (filler.question() if role == Role.USER else filler.reply()).split(". ")
    for _, sentence in told:
        place = 0 if role == Role.USER else random.randrange(len(sentences))
        sentences.insert(place, sentence.rstrip("."))
    talk.lines.append(Line(role, ". ".join(sentences), talk.leaf, tuple(needle for needle, _ in told)))
    talk.leaf = len(talk.lines) - 1


async def plant(db: AsyncSession, user_id: int, character_id: int, talk: Talk) -> Planted:
    """Insert a dialog with that talk, whose last message is a few minutes old."""
    dialog = Dialog(user_id=user_id, character_id=character_id, messages=talk.turns)
    db.add(dialog)
    await db.flush()
    ids = await reserve_ids(db, MESSAGES, len(talk.lines))
    began = now() - PACE * (len(talk.lines) + 1)
    places: dict[int, tuple[int, int | None]] = {}
    rows: list[Row] = []
    for place, line in enumerate(talk.lines):
        parent_id = None if line.follows is None else ids[line.follows]
        places[ids[place]] = depth, jump_id = place_below(parent_id, places)
        tree = {"id": ids[place], "dialog_id": dialog.id, "parent_id": parent_id, "depth": depth, "jump_id": jump_id}
        rows.append(tree | _said(line, began + PACE * place))
    for start in range(0, len(rows), ROWS):
        await add_rows(db, MESSAGES, rows[start : start + ROWS])
    dialog.leaf_id = None if talk.leaf is None else ids[talk.leaf]
    return Planted(dialog.id, ids, talk)


def _said(line: Line, moment: datetime) -> Row:
    return {
        "role": line.role,
        "text": line.text,
        "state": State.FILTERED if line.is_of(Kind.FILTERED) else State.DONE,
        "deleted_at": moment if line.is_of(Kind.DELETED) else None,
        "is_hidden_from_model": line.is_of(Kind.HIDDEN),
        "created_at": moment,
    }
