"""Fact belief: what a model found is kept if the message that it cites bears it out, else dropped."""

from __future__ import annotations

import pytest

from domain.llm.port import Role
from domain.memory.facts.fact_belief import MOST_KEPT, NumberedMessage, Speakers, believed_facts
from domain.memory.facts.facts import offered_facts
from domain.memory.facts.held_facts import HeldFact
from domain.memory.facts.known_facts import Known, NewFact, new_fact
from domain.memory.rows import MadeBy
from tests.domain.memory.told import SPEAKERS, inventions, messages, true_lines

TALK = messages()
INVENTED = 240
KNOWN_LOSSES = 4
"""Facts in other words than the message's: refused, since nothing tells them from inventions."""


def believed(
    answer: str, known: Known | None = None, offered: tuple[HeldFact, ...] = (), talk: list[NumberedMessage] = TALK
) -> list[NewFact]:
    return believed_facts(answer, talk, speakers=SPEAKERS, known=known or Known(), offered=offered)


def held(text: str, message_id: int = 1, made_by: MadeBy = MadeBy.MODEL, forgotten_upto: int | None = None) -> HeldFact:
    new = new_fact(text, "", message_id, names=("Илья",))
    return HeldFact(
        id=1,
        message_id=message_id,
        text=text,
        roots=new.roots,
        key_hash=new.key_hash,
        replaces_id=None,
        times=1,
        pinned_at=None,
        forgotten_upto=forgotten_upto,
        made_by=made_by,
        said_at=None,
        role=Role.USER,
        is_hidden=False,
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nothing_invented_is_kept(seed: int) -> None:
    lines = inventions(INVENTED, seed)
    assert [line for line in lines if believed(line)] == []


def test_what_was_said_is_kept() -> None:
    lines = true_lines()
    kept = [line for line in lines if believed(line)]
    assert len(kept) >= len(lines) - KNOWN_LOSSES
    assert len(kept) > 40


@pytest.mark.parametrize(
    "line",
    [
        "[3] Илья работает хирургом",  # half of its words are there
        "[5] Рексу четыре года, Бобику пять",
        "[7] Илья обожает рыбу",  # all of its words are there, in two clauses
        "[35] У Ильи есть брат",  # asked, not said
        "[4] Илья знает, как звенит провод на морозе",  # the character said so of the person
        "[2] Аглая — хозяйка лавки у Чистых прудов",  # the card says so
        "[99] Илья живёт в Твери",
        "[21] Илья живёт в Твери",
    ],
)
def test_a_fact_is_refused(line: str) -> None:
    assert believed(line) == []


def test_a_bad_line_spoils_no_other() -> None:
    answer = "[1] Илья живёт в Твери\n[3] Илья работает хирургом\nи ещё он милый\n[9] У Ильи аллергия на орехи | орех"
    assert [each.text for each in believed(answer)] == ["Илья живёт в Твери", "У Ильи аллергия на орехи"]


def test_yes_makes_a_fact_of_what_was_asked() -> None:
    talk = [
        NumberedMessage(1, 1, Role.ASSISTANT, "Вы любите рыбалку?"),
        NumberedMessage(2, 2, Role.USER, "Да, очень"),
        NumberedMessage(3, 3, Role.ASSISTANT, "Вы женаты?"),
        NumberedMessage(4, 4, Role.USER, "Нет, что вы"),
    ]
    assert believed("[2] Любит рыбалку", talk=talk)
    assert not believed("[4] Собеседник женат", talk=talk)


def test_one_fact_in_other_forms_is_kept_once() -> None:
    assert len(believed("[1] Илья живёт в Твери\n[1] Живёт Илья в Твери")) == 1


def test_no_more_are_kept_than_a_chapter_may_have() -> None:
    assert len(believed("\n".join(true_lines()))) == MOST_KEPT


def test_what_was_forgotten_is_not_learnt_again_from_what_was_said_before() -> None:
    taught = TALK[0].id
    later = Known(forgotten=[held("Живёт в Твери", message_id=7, forgotten_upto=taught)])
    earlier = Known(forgotten=[held("Живёт в Твери", message_id=7, forgotten_upto=taught - 1)])
    assert not believed("[1] Илья живёт в Твери", later)
    assert believed("[1] Илья живёт в Твери", earlier)


def test_nothing_is_learnt_from_the_message_that_taught_what_was_forgotten() -> None:
    known = Known(forgotten=[held("Живёт один", message_id=TALK[0].id, forgotten_upto=0)])
    assert not believed("[1] Илья живёт в Твери", known)


def test_a_fact_replaces_one_that_was_offered_and_is_about_the_same() -> None:
    lives, likes = held("Живёт в Ржеве"), held("Любит оперу")
    (fact,) = believed("[1] Илья живёт в Твери (вместо Ф2)", offered=(likes, lives))
    assert fact.replaces_id == lives.id
    (fact,) = believed("[1] Илья живёт в Твери (вместо Ф1)", offered=(likes, lives))
    assert fact.replaces_id is None, "they share no word"
    (fact,) = believed("[1] Илья живёт в Твери (вместо Ф7)", offered=(likes, lives))
    assert fact.replaces_id is None, "it was not offered"


def test_what_is_no_longer_so_ends_the_fact_though_the_model_does_not_say() -> None:
    talk = [NumberedMessage(1, 50, Role.USER, "Знаешь, я больше не боюсь высоты.")]
    feared = held("Илья боится высоты")
    (fact,) = believed("[1] Больше не боится высоты", Known(counted=[feared]), talk=talk)
    assert (fact.replaces_id, fact.restates_id) == (feared.id, None)
    by_hand = held("Илья боится высоты", made_by=MadeBy.PERSON)
    (fact,) = believed("[1] Больше не боится высоты", Known(counted=[by_hand]), talk=talk)
    assert (fact.replaces_id, fact.restates_id) == (None, None)


def test_what_a_person_wrote_by_hand_is_not_replaced() -> None:
    (fact,) = believed("[1] Живёт в Твери (вместо Ф1)", offered=(held("Живёт в Ржеве", made_by=MadeBy.PERSON),))
    assert fact.replaces_id is None


def test_a_model_is_offered_what_shares_a_word_with_the_messages() -> None:
    known = Known(counted=[held("Живёт в Ржеве"), held("Любит оперу")])
    assert [each.text for each in offered_facts(known, ["Я теперь живу в Твери."])] == ["Живёт в Ржеве"]


def test_english_is_judged_too() -> None:
    talk = [NumberedMessage(1, 1, Role.USER, "I don't like fish, but I adore my dog Rex. I'm a nurse in Leeds.")]

    def is_believed(line: str) -> bool:
        return bool(believed_facts(line, talk, speakers=Speakers("Aglaya", "Mark"), known=Known(), offered=()))

    assert all(
        map(is_believed, ("[1] Mark doesn't like fish", "[1] Adores his dog Rex", "[1] Works as a nurse in Leeds"))
    )
    assert not any(map(is_believed, ("[1] Mark likes fish", "[1] James is a nurse in Leeds", "[1] Works in York")))
