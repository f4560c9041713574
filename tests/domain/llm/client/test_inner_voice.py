"""Inner voice and turn labels: only the reply is heard, however its markers are split."""

from __future__ import annotations

import pytest

from domain.llm.client.learned import Learned
from domain.llm.client.reply import Reply
from domain.llm.port import GO_ON, Interlocutor, Persona, Prompt, PromptMessage, Role

WORDS = "Привет! Я жду у маяка."
CUTS = (1, 2, 3, 5, 7, 1000)


def said(text: str, cut: int, learned: Learned | None = None, last: str = "Привет!") -> tuple[str, Reply]:
    """Text that is kept of one that comes in pieces of `cut` characters, and the reply."""
    prompt = Prompt((PromptMessage(Role.USER, last),), Persona("Смотритель"), Interlocutor("Маша"))
    reply = Reply(prompt, learned or Learned("m"), 4096)
    kept = ""
    for at in range(0, len(text), cut):
        piece = reply.take(text[at : at + cut])
        kept = ("" if reply.takes_back else kept) + piece
        if reply.is_over:
            return kept, reply
    return kept + reply.close(), reply


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<think>\nOkay, he\n</think>\n\n" + WORDS, WORDS),
        ("<think>\n\n</think>\n\n" + WORDS, WORDS),
        ("<think>a<think>b</think>c</think>" + WORDS, WORDS),
        ("<think>x</think></think>" + WORDS, WORDS),
        ("<THINKING>x</Thinking>" + WORDS, WORDS),
        ("<think>never ends", ""),
        ("Okay, he greets me.\n</think>\n\n" + WORDS, WORDS),
        (WORDS + "<think>later</think> И ещё.", WORDS + " И ещё."),
        ("[THINK]hm[/THINK]" + WORDS, WORDS),
        ("◁think▷hm◁/think▷" + WORDS, WORDS),
        ("<|channel>thought\nhm<channel|>" + WORDS, WORDS),
        ("<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>" + WORDS, WORDS),
        (
            "<|channel|>commentary to=x <|constrain|>json<|message|>{}<|call|>"
            "<|start|>assistant<|channel|>final<|message|>" + WORDS + "<|return|>",
            WORDS,
        ),
        ("analysisHe greets me.assistantfinal" + WORDS, WORDS),
        (WORDS + "<|im_end|>\n<|im_start|>user\nИ что дальше?", WORDS),
        ("<|im_start|>assistant\n" + WORDS + "<|im_end|>", WORDS),
        ("<|start_header_id|>assistant<|end_header_id|>\n\n" + WORDS + "<|eot_id|>", WORDS),
        ("<start_of_turn>model\n" + WORDS + "<end_of_turn>\n<start_of_turn>user\nq", WORDS),
        ("<|header_start|>assistant<|header_end|>\n\n" + WORDS + "<|eot|>", WORDS),
        ("<|start_of_role|>assistant<|end_of_role|>" + WORDS + "<|end_of_text|>\n<|start_of_role|>user", WORDS),
        ("[|assistant|]" + WORDS + "[|endofturn|]\n[|user|] И?", WORDS),
        ("<think>hm</think><|begin_of_box|>" + WORDS + "<|end_of_box|>", WORDS),
        ("<s> " + WORDS + "</s>", WORDS),
        (WORDS + "<｜end▁of▁sentence｜>", WORDS),
        ("Смотритель: " + WORDS, WORDS),
        ("**Смотритель:** " + WORDS, WORDS),
        ("[Смотритель]: *машет* " + WORDS, "*машет* " + WORDS),
        (WORDS + "\nМаша: Ого!\nСмотритель: Да", WORDS),
        (WORDS + "\n\n**Маша**: Ого!", WORDS),
        (WORDS + "\n\nUser: Ого", WORDS),
        # Where there is no other speech, whatever may be speech is.
        (WORDS + "\n</think>", WORDS + "\n"),
        ("Hm.</think>" + WORDS + "<|im_end|>", WORDS),
        ("Hm.</think>" + WORDS + "<think>x</think> Да.", WORDS + " Да."),
        ("<think>He asks about the <think> tag.</think>" + WORDS, WORDS),
        ("<think>hm</thinking>" + WORDS, WORDS),
        ("<think>hm<|im_end|>\n<|im_start|>assistant\n" + WORDS, WORDS),
        ("<|im_start|>Смотритель\n" + WORDS, WORDS),
        ("<|im_start|>assistant " + WORDS, WORDS),
        ("<|im_start|>" + WORDS, WORDS),
        ("<|channel|>analysis<|message|>Hm.<|end|><|start|>tool<|message|>{}<|end|>", ""),
        ("<|im_start|>human\nИ что дальше?", ""),
        ("Пам`ять." + WORDS + "<|im_end|>\n<|im_start|>user\nИ?", "Пам`ять." + WORDS),
    ],
)
def test_what_is_not_the_reply_is_left_out(text: str, kept: str, cut: int) -> None:
    assert said(text, cut)[0] == kept


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize(
    "text",
    [
        WORDS,
        " " + WORDS,
        "Да",
        "Привет<",
        "2 < 3, [1] и <b> тоже. ",
        "Тег `<think>` — это код.",
        "Тег <think> пишут перед мыслями. Вот так.",
        "Ты <s>дурак</s> дорог мне.",
        "Analysis of the sea: quiet.",
        "Смотритель кивнул.",
        "Смотри: море.",
        "analysis — слово английское.",
        WORDS + "\n\nМаша смотрит вдаль.",
        WORDS + "\nМашаль: так звали кота.",
        "- раз\n- два\n\n**три:** четыре",
    ],
)
def test_what_only_looks_like_it_is_kept_letter_by_letter(text: str, cut: int) -> None:
    assert said(text, cut)[0] == text


def test_a_reply_that_is_gone_on_with_may_begin_with_a_name() -> None:
    kept, _ = said("Смотритель: так его звали.", 3, last=GO_ON)
    assert kept == "Смотритель: так его звали."


def test_a_model_that_begins_in_thought_is_remembered_and_held_back_from_the_next_time_on() -> None:
    learned = Learned("m")
    _, reply = said("Hm. </think>" + WORDS, 4, learned)
    reply.answer.is_declared_over = True
    reply.ending()
    assert learned.begins_in_thought
    _, reply = said("Hm. </think>" + WORDS, 4, learned)
    assert not reply.takes_back, "nothing of it was shown this time"
    kept, _ = said(WORDS, 4, learned)
    assert kept == WORDS, "and if it does not think, nothing is lost"


def test_nothing_is_taken_back_where_thoughts_come_beside_the_text() -> None:
    reply = Reply(Prompt((PromptMessage(Role.USER, "Привет!"),)), Learned("m"), 4096)
    reply.answer.thoughts = "Hm."
    assert reply.take(WORDS) + reply.take("</think>") == WORDS
    assert not reply.takes_back
