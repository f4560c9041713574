"""Recall: what was said long ago comes back word for word, from this path only, and only what may be read."""

from __future__ import annotations

from random import Random

import pytest
from sqlalchemy import event, update
from sqlmodel import col

from domain.clock import now
from domain.memory.chapter_changes import forget_everything, lift_forgetting
from domain.memory.recall import recall, word_hits
from domain.memory.recall.recall import ASKED, UNASKED
from domain.memory.recall.words import INDEX, SAID, term
from domain.memory.remembered import RecalledRound
from domain.memory.rows import MemoryFact
from domain.model.dialog import Dialog, Message, State
from storage.full_text import SearchQuery
from tests.domain.memory.recall.conftest import Past
from tests.domain.memory.recall.filler import rounds
from tests.domain.memory.recall.needles import NEEDLES, NEVER_SAID, ORDINARY, Form

ROUNDS = 240
FOUND = 0.95
SMALL_TALK = rounds(60, seed=5)
MANDOLIN = ("В чулане лежит мандолина без струн.", "Достань её, я натяну новые.")
ASKED_FOR = "Помнишь, что лежит в чулане, мандолина?"


def told(recalled: tuple[RecalledRound, ...]) -> list[str]:
    return [text for each in recalled for text in (each.question, each.reply) if text]


async def test_what_was_said_once_comes_back_in_whatever_form_it_is_asked_for(past: Past) -> None:
    talk, random = rounds(ROUNDS), Random(3)
    places = random.sample(range(ROUNDS), len(NEEDLES))
    for needle, place in zip(NEEDLES, places, strict=True):
        said, replied = talk[place]
        talk[place] = (said, needle.said) if needle.form is Form.IN_REPLY else (needle.said, replied)
    await past.say(*talk)
    await past.index()
    missed = [each.asked for each in NEEDLES if each.said not in told((await past.recalled(each.asked))[:3])]
    assert len(NEEDLES) >= 40
    assert len(missed) <= (1 - FOUND) * len(NEEDLES), missed
    for turns, may_recall in ((ORDINARY, 0.2), (NEVER_SAID, 0.5)):
        quoted_anyway = [turn for turn in turns if await past.recalled(turn)]
        assert len(quoted_anyway) <= may_recall * len(turns), quoted_anyway


async def test_a_round_is_told_with_its_moment_and_both_sides(past: Past) -> None:
    question, reply = await past.say(MANDOLIN)
    await past.say(*SMALL_TALK)
    await past.index()
    [first, *_others] = await past.recalled(ASKED_FOR)
    assert (first.question, first.reply) == MANDOLIN
    assert (first.question_id, first.reply_id, first.ids) == (question.id, reply.id, [question.id, reply.id])
    assert first.said_at == question.created_at


async def test_what_is_still_verbatim_is_not_recalled(past: Past) -> None:
    await past.say(*SMALL_TALK[:5])
    question, _reply = await past.say(MANDOLIN)
    later = await past.say(*SMALL_TALK[5:9])
    await past.index()
    assert MANDOLIN[0] not in told(await past.recalled(ASKED_FOR, before=question.id))
    assert MANDOLIN[0] in told(await past.recalled(ASKED_FOR, before=later[0].id))


async def test_another_branch_is_not_remembered(past: Past) -> None:
    *_before, fork = await past.say(*SMALL_TALK[:10])
    said_there = await past.say(MANDOLIN, *SMALL_TALK[10:20])
    await past.say(*SMALL_TALK[20:40], below=fork.id)
    await past.index()
    assert MANDOLIN[0] not in told(await past.recalled(ASKED_FOR))
    async with past.database.write() as db:
        await db.exec(update(Dialog).values(leaf_id=said_there[-1].id))
    assert MANDOLIN[0] in told(await past.recalled(ASKED_FOR)), "back on that branch it is"


@pytest.mark.parametrize(
    "change",
    [
        {"deleted_at": now()},
        {"is_hidden_from_model": True},
        {"state": State.FILTERED},
    ],
    ids=["deleted", "hidden", "filtered"],
)
async def test_what_the_model_may_not_read_is_not_recalled(past: Past, change: dict[str, object]) -> None:
    await past.say(*SMALL_TALK[:10])
    question, reply = await past.say(MANDOLIN)
    await past.say(*SMALL_TALK[10:20])
    await past.index()
    async with past.database.write() as db:
        await db.exec(update(Message).where(col(Message.id) == question.id).values(**change))
    assert MANDOLIN[0] not in told(await past.recalled(ASKED_FOR))
    async with past.database.write() as db:
        await db.exec(update(Message).where(col(Message.id) == reply.id).values(**change))
    assert not {*MANDOLIN} & {*told(await past.recalled("Помнишь, что я натянул? Струны, новые? Достань!"))}


async def test_what_is_shown_to_the_model_again_is_recalled_again(past: Past) -> None:
    question, _reply = await past.say(MANDOLIN)
    await past.say(*SMALL_TALK[:10])
    for is_hidden in (True, False):
        async with past.database.write() as db:
            hide = update(Message).where(col(Message.id) == question.id)
            await db.exec(hide.values(is_hidden_from_model=is_hidden))
        await past.index()
        assert (MANDOLIN[0] in told(await past.recalled(ASKED_FOR))) is not is_hidden


async def test_the_source_of_what_the_person_forgot_is_not_quoted(past: Past) -> None:
    question, _reply = await past.say(MANDOLIN)
    await past.say(*SMALL_TALK[:10])
    await past.index()
    async with past.database.write() as db:
        db.add(MemoryFact(dialog_id=past.dialog_id, message_id=question.id, forgotten_at=now()))
    assert MANDOLIN[0] not in told(await past.recalled(ASKED_FOR))


async def test_what_was_said_before_everything_was_forgotten_is_not_quoted(past: Past) -> None:
    await past.say(MANDOLIN, *SMALL_TALK[:10])
    async with past.database.write() as db:
        await forget_everything(db, await db.get_one(Dialog, past.dialog_id))
    await past.say(*SMALL_TALK[:10])
    await past.index()
    assert MANDOLIN[0] not in told(await past.recalled(ASKED_FOR))
    async with past.database.write() as db:
        await lift_forgetting(db, past.dialog_id)
    assert MANDOLIN[0] in told(await past.recalled(ASKED_FOR))


async def test_of_long_messages_the_parts_that_matter_are_quoted_on_one_line(past: Past) -> None:
    padding = "\n".join(f"Ничего особенного, день {n} прошёл тихо." for n in range(60))
    await past.say((f"{padding}\n{MANDOLIN[0]}\n{padding}", f"{padding}\n{MANDOLIN[1]}"))
    await past.say(*SMALL_TALK)
    await past.index()
    for message, gate in ((ASKED_FOR, ASKED), ("Достань мандолину из чулана, натянем струны.", UNASKED)):
        [first, *_others] = await past.recalled(message)
        assert MANDOLIN[0] in first.question
        assert "\n" not in first.question + first.reply
        assert len(first.question) + len(first.reply) <= gate.characters


async def test_whoever_asks_gets_the_best_five_and_an_ordinary_turn_two_that_lie_apart(past: Past) -> None:
    for n in range(6):
        await past.say((f"Мандолина номер {n} стоит у стены.", "Вижу."))
        await past.say(*SMALL_TALK[n : n + 1])
    await past.say(*SMALL_TALK, *rounds(100, seed=6))
    await past.index()
    assert len(await past.recalled("Помнишь мандолину у стены?")) == ASKED.rounds
    unasked = await past.recalled("Мандолина опять у стены.")
    assert len(unasked) == UNASKED.rounds
    assert abs(unasked[0].question_id - unasked[1].question_id) > recall.APART


async def test_the_same_is_recalled_each_time_and_of_equals_the_newest_first(past: Past) -> None:
    await past.say(*[MANDOLIN] * 4, *SMALL_TALK)
    await past.index()
    recalled = await past.recalled(ASKED_FOR)
    assert [recalled] * 3 == [await past.recalled(ASKED_FOR) for _ in range(3)]
    ids = [each.question_id for each in recalled if each.question == MANDOLIN[0]]
    assert ids == sorted(ids, reverse=True)


async def test_small_talk_recalls_nothing_and_neither_does_an_empty_past(past: Past) -> None:
    assert await past.recalled(ASKED_FOR) == ()
    await past.say(*SMALL_TALK)
    await past.index()
    for message in ("Хорошо, а дальше?", "Да.", "🙂"):
        assert await past.recalled(message) == ()


async def test_a_word_said_all_the_time_finds_nothing_beside_a_rare_one(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_hits, "MOST_HITS", 10)
    await past.say(MANDOLIN, *[(f"Маяк мигнул {n} раз.", "Вижу.") for n in range(20)])
    await past.index()
    assert {each.question for each in await past.recalled("Помнишь маяк и мандолину?")} == {MANDOLIN[0]}
    assert len(await past.recalled("Помнишь маяк?")) == ASKED.rounds, "with no other word it has to do"


async def test_of_a_frequent_word_the_messages_are_counted_and_not_listed(past: Past) -> None:
    mandolin, *_reply = await past.say(MANDOLIN, *[(f"Маяк мигнул {n} раз.", "Вижу.") for n in range(4)])
    await past.index()
    words = [SearchQuery([[[term(past.dialog_id, root)]]], (SAID,)) for root in ("маяк", "мандолин", "граммофон")]
    async with past.database.read() as db:
        found = await INDEX.matches(db, words, 3, listed=2)
    assert [(each.count, each.ids) for each in found] == [(3, []), (1, [mandolin.id]), (0, [])]


async def test_others_words_are_not_found(past: Past, other_past: Past) -> None:
    await other_past.say(MANDOLIN)
    await past.say(*SMALL_TALK)
    await past.index()
    await other_past.index()
    assert MANDOLIN[0] not in told(await past.recalled(ASKED_FOR))
    assert MANDOLIN[0] in told(await other_past.recalled(ASKED_FOR))


async def test_beside_a_word_that_was_never_said_a_rare_one_is_still_enough(past: Past) -> None:
    await past.say(*[MANDOLIN] * 3, *SMALL_TALK)
    await past.index()
    assert MANDOLIN[0] in told(await past.recalled("Помнишь мандолину и граммофон?"))


async def test_where_no_word_is_rare_no_message_is_weighed(past: Past) -> None:
    weighing: list[str] = []
    engine = past.database._reader.sync_engine
    event.listen(
        engine, "after_cursor_execute", lambda *seen: weighing.extend(each for each in seen[2:3] if "trim(" in each)
    )
    await past.say(MANDOLIN, *[(f"Маяк мигнул {n} раз.", "Вижу.") for n in range(20)])
    await past.index()
    assert await past.recalled("Маяк мигает.") == ()
    assert weighing == []
    assert await past.recalled("Мандолина у маяка.") != ()
    assert weighing != []


async def test_facts_lead_to_what_was_said_in_other_words(past: Past) -> None:
    await past.say(*SMALL_TALK[:10])
    question, reply = await past.say(("Завели щенка, назвали Бубликом.", "Какой он породы?"))
    await past.say(*SMALL_TALK[10:30])
    await past.index()
    asked = "Помнишь моего четвероногого приятеля?"
    assert await past.recalled(asked) == ()
    for cited in (question.id, reply.id):
        [only] = await past.recalled(asked, led_to=[cited])
        assert only.ids == [question.id, reply.id]
    assert await past.recalled(asked, led_to=[question.id], before=question.id) == (), "it is still verbatim"
    assert await past.recalled("Четвероногий приятель спит.", led_to=[question.id]) == (), "nobody asked"


async def test_what_facts_lead_to_and_what_words_find_is_recalled_together(past: Past) -> None:
    puppy, *_reply = await past.say(("Завели щенка, назвали Бубликом.", "Какой он породы?"))
    await past.say(*SMALL_TALK[:10])
    mandolin, *_reply = await past.say(MANDOLIN)
    await past.say(*SMALL_TALK[10:30])
    await past.index()
    recalled = await past.recalled("Помнишь чулан, мандолину и четвероногого приятеля?", led_to=[puppy.id])
    assert {each.question_id for each in recalled[:2]} == {puppy.id, mandolin.id}
