"""One reply as it grows: takes the speech out of an answer's text, and tells how the reply ended."""

from __future__ import annotations

from domain.llm.client.answer import Answer
from domain.llm.client.completion import Finish
from domain.llm.client.inner_voice import InnerVoice
from domain.llm.client.learned import Learned
from domain.llm.client.turn_labels import TurnLabels
from domain.llm.faults import CutOff, EmptyReply, ThoughtOnly, ToolWanted, Unavailable
from domain.llm.port import GO_ON, Ending, Outcome, Prompt
from domain.text import without_controls

REFUSALS = (
    "я не могу обсуждать эту тему. давайте поговорим о чем-нибудь еще",
    "в интернете есть много сайтов с информацией на эту тему",
)
"""Beginnings of the texts of YandexGPT's content filter (2024 to 2026), in lower case and without «ё»."""
LONGEST_REFUSAL = 200  # characters; a longer reply may legitimately begin like this and go on
BLANK = " \t\r\n\u00a0\u200b\u200c\u200d\u2060\ufeff"
LONGEST_BLANK = 20  # characters before the first word that are kept
LONGEST_REPLY = 16_000  # characters: a longer reply is a runaway model, and nobody reads on


class Reply:
    """`window` is the context window of the model, in tokens, that was assumed when it was asked."""

    def __init__(self, prompt: Prompt, learned: Learned, window: int) -> None:
        self.window = window
        self._learned = learned
        self._voice = InnerVoice(begins_in_thought=learned.begins_in_thought)
        goes_on = prompt.messages[-1].text.startswith(GO_ON)
        self._labels = TurnLabels("" if goes_on else prompt.persona.name, prompt.interlocutor.name)
        self._beginning = ""
        self._length = 0
        self._is_overlong = False
        self._blank = ""  # blanks before the first word
        self.said = ""
        self.takes_back = False
        self.answer = Answer(lambda _: False)

    @property
    def has_begun(self) -> bool:
        return self._length > 0

    @property
    def is_finished(self) -> bool:
        """Whether the server has said that the reply is over, whatever happened to the connection afterwards."""
        return self.has_begun and self.answer.finish in {Finish.WHOLE, Finish.LIMIT}

    @property
    def is_thinking(self) -> bool:
        return self._voice.is_thinking or self.answer.is_thinking

    @property
    def is_over(self) -> bool:
        """Whether the reply has ended before its answer: by a token between turns, the person's turn, or its length."""
        return self._is_overlong or self._voice.is_over or self._labels.is_over

    def take(self, text: str) -> str:
        """The part of the text that can be shown. Sets `takes_back` if everything shown before must be removed."""
        self._voice.thinks_elsewhere = bool(self.answer.thoughts)
        spoken = self._voice.feed(text)
        self.takes_back = self._voice.takes_back and self.has_begun
        if self._voice.takes_back:
            self._labels.forget()
            self._beginning, self._length, self.said = "", 0, ""
        piece = self._labels.feed(spoken)
        if self._voice.is_over:
            piece += self._labels.close()
        return self._counted(piece)

    def close(self) -> str:
        """The text that was held back until the end of the answer."""
        piece = self._labels.feed(self._voice.close())
        return self._counted(piece + self._labels.close())

    def ending(self) -> Ending:
        """The ending of the reply; raises a fault if it did not end properly."""
        self._learn()
        answer = self.answer
        return Ending(self._outcome(), answer.replacement, answer.tokens_in, answer.tokens_out, self._thoughts)

    def _outcome(self) -> Outcome:
        answer = self.answer
        if answer.finish is Finish.FILTERED:
            return Outcome.FILTERED
        if answer.refusal and not self.has_begun:
            answer.replacement = without_controls(answer.refusal)
            return Outcome.FILTERED
        if not self.has_begun:
            raise self._nothing_said()
        if self._is_overlong:
            return Outcome.LENGTH
        if self.is_over:
            return Outcome.DONE
        if self._is_broken_off:
            raise CutOff
        if answer.finish is Finish.WHOLE and self._length <= LONGEST_REFUSAL and is_refusal(self._beginning):
            answer.replacement = self._beginning
            return Outcome.FILTERED
        return Outcome.LENGTH if answer.finish is Finish.LIMIT else Outcome.DONE

    @property
    def _is_broken_off(self) -> bool:
        answer = self.answer
        return (
            answer.finish is Finish.CUT_OFF or answer.has_unreadable or not (answer.finish or answer.is_declared_over)
        )

    def _nothing_said(self) -> EmptyReply | ThoughtOnly | ToolWanted | Unavailable:
        if self.answer.wants_tool:
            return ToolWanted()
        if self._is_broken_off and not self.is_over:
            return Unavailable()
        return ThoughtOnly() if self._thoughts else EmptyReply()

    @property
    def _thoughts(self) -> str:
        return without_controls(self.answer.thoughts + self._voice.thoughts).strip()

    def _counted(self, text: str) -> str:
        text = self._blank + without_controls(text)
        self._blank = "" if self.has_begun or text.strip(BLANK) else text[:LONGEST_BLANK]
        if self._blank:
            return ""
        piece = text[: LONGEST_REPLY - self._length]
        self._is_overlong = self._is_overlong or len(piece) < len(text)
        self._length += len(piece)
        self.said += piece
        if len(self._beginning) < LONGEST_REFUSAL:
            self._beginning += piece
        return piece

    def _learn(self) -> None:
        if self._voice.ended_unbegun_thoughts or self._learned.begins_in_thought:
            self._learned.begins_in_thought = self._voice.ended_unbegun_thoughts


def is_refusal(text: str) -> bool:
    """Whether a text is one of the content filter's own."""
    return text.strip().lower().replace("ё", "е").startswith(REFUSALS)
