"""Questions about needles, and whether the answer is in the prompt: no judge, no model."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from domain.llm.port import RECALLED
from tests.remembering.house import Given, House
from tests.remembering.needles import LEAKS, Form, Kind, Needle, never_said, of
from tests.remembering.talk import Planted

FOUND_BY_WORDS = (Form.SAME, Form.OTHER)


@dataclass(frozen=True)
class Answer:
    """A needle asked for in one form. `depth` is how many turns back the oldest of its sentences lies."""

    needle: Needle
    form: Form
    depth: int
    given: Given

    @property
    def is_found(self) -> bool:
        return self.needle.is_in(self.given.text)

    @property
    def is_known(self) -> bool:
        """Whether it is in the system message, without having been looked for."""
        return self.needle.is_in(self.given.system)


def remembered(answers: Iterable[Answer], *forms: Form, kinds: Collection[Kind] = ()) -> list[Answer]:
    """Answers in these forms about needles that were to be found by asking."""
    meant = kinds or set(Kind) - {*LEAKS, Kind.PINNED}
    return [each for each in answers if each.form in forms and each.needle.kind in meant]


async def ask_for(
    house: House, planted: Planted, needles: Iterable[Needle], forms: Sequence[Form] = tuple(Form)
) -> list[Answer]:
    """Ask for each needle in each of the forms."""
    asked = [(needle, form) for needle in needles for form in forms if form in needle.asks]
    prompts = [await house.ask(planted.dialog_id, needle.asks[form]) for needle, form in asked]
    return [
        Answer(needle, form, planted.talk.turns - planted.talk.at[needle.said[0]][0], given)
        for (needle, form), given in zip(asked, prompts, strict=True)
    ]


async def quiet(house: House, planted: Planted) -> float:
    """Share of the questions about what was never said for which nothing is recalled."""
    prompts = [await house.ask(planted.dialog_id, text) for text in never_said()]
    return share(RECALLED not in each.newest for each in prompts)


async def pin(house: House, planted: Planted, needles: Iterable[Needle]) -> None:
    for needle in needles:
        for message_id in planted.messages_with(needle):
            await house.services.chat.memory.pin_message(house.ilya, planted.dialog_id, message_id)


async def forget(house: House, planted: Planted, needles: Iterable[Needle]) -> int:
    """Let the person forget every fact that these needles taught; returns how many there were."""
    memory = house.services.chat.memory
    known = (await memory.overview(house.ilya, planted.dialog_id)).facts
    ids = {message_id for needle in needles for message_id in planted.messages_with(needle)}
    taught = [each for each in known if each.message_id in ids]
    for fact in taught:
        await memory.forget_fact(house.ilya, planted.dialog_id, fact.id)
    return len(taught)


def leaks(house: House, kinds: Sequence[Kind] = LEAKS, since: int = 0) -> list[str]:
    """Evidence of needles that is in some request and should be in none."""
    asked = [
        "\n".join(str(each["content"]) for each in request.body["messages"]) for request in house.llm.asked[since:]
    ]
    return [
        evidence for needle in of(*kinds) for evidence in needle.evidence if any(evidence in text for text in asked)
    ]


def found(answers: Iterable[Answer]) -> float:
    return share(each.is_found for each in answers)


def known(answers: Iterable[Answer]) -> float:
    return share(each.is_known for each in answers)


def share(each: Iterable[bool]) -> float:
    outcomes = list(each)
    return sum(outcomes) / len(outcomes) if outcomes else 1.0


def missed(answers: Iterable[Answer]) -> list[str]:
    return [each.needle.asks[each.form] for each in answers if not each.is_found]
