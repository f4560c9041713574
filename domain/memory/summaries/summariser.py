"""Summariser: asks the model for a summary, and falls back to excerpts if the answer is not believed.

After a refusal the material is split in half once, since often a filter objects to a single message. After an empty
answer the model gets more tokens. Any other answer that is not believed is asked for once more, with the reason. If
that fails too, excerpts stand in. No attempt is made to get round a filter, and nothing that is not believed is kept.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from domain.llm.deadlines import Timeouts, with_timeouts
from domain.llm.faults import EmptyReply, KnownFault, ThoughtOnly, TooLong, ToolWanted
from domain.llm.port import Ending, LanguageModel, Outcome, Prompt, Sign
from domain.llm.server_load import ServerLoad
from domain.llm.token_estimates import estimated_tokens, prompt_length, tokens_of
from domain.memory.rows import DIGEST, MadeBy
from domain.memory.sentences import shortened
from domain.memory.summaries.belief import Doubt, Refused, Source, refuse
from domain.memory.summaries.excerpts import Line, excerpts_of, excerpts_of_texts
from domain.memory.summaries.summary_prompts import (
    LONGEST_ANSWER,
    Answer,
    Talkers,
    chapter_prompt,
    digest_prompt,
    parent_prompt,
    read_answer,
    second_try,
)
from domain.stemming import roots

log = logging.getLogger(__name__)

REFUSED, NOT_BELIEVED = "refused", "not_believed"
"""Faults of a model that answered; those of its server have their own codes (domain/llm/faults.py)."""
MOST_HALVINGS = 5
"""Maximum times that material is halved which is longer than the summariser reads at once."""


@dataclass(frozen=True)
class SummaryRequest:
    """Material to be summarised in at most `limit` characters: `lines` of a talk, or `texts` of finished summaries."""

    level: int
    talkers: Talkers
    limit: int
    lines: Sequence[Line] = ()
    texts: Sequence[str] = ()
    card: Sequence[str] = ()
    """Other texts whose names may be used: the character's card, and what the person says about themselves."""
    before: str = ""
    """The text of the previous chapter."""
    is_before_believed: bool = False
    """Whether the previous chapter was made by us, not by a person or a file, so that its names may be used."""
    known: Sequence[str] = ()
    """Facts that the lines may be about, in the order in which they are numbered for the model."""
    believed: Sequence[str] = ()
    """The facts among them that messages bore out. Others, from a person or a file, are shown to the model but do not
    justify a name.
    """


@dataclass(frozen=True)
class Summary:
    text: str
    made_by: MadeBy
    facts: list[str] = field(default_factory=list)
    """Raw lines, which cite the chapter's lines by number, from 1."""
    fault: str = ""
    """Code of the fault because of which excerpts stand in for the model's answer."""


@dataclass
class TokenLength:
    """The length of the model's tokens, learnt from its server's usage counts. It estimates the usage of requests that
    were broken off, for which there are no counts.
    """

    characters_a_token: float | None = None

    def learn(self, prompt: Prompt, tokens: int) -> None:
        if tokens > 0:
            self.characters_a_token = prompt_length(prompt) / tokens

    def tokens(self, prompt: Prompt) -> int:
        if self.characters_a_token is None:
            return estimated_tokens(prompt)
        return round(prompt_length(prompt) / self.characters_a_token)


@dataclass
class Spent:
    """The tokens of all requests for one summary, including those that came to nothing."""

    tokens_in: int = 0
    tokens_out: int = 0


class _Refusal(Exception):
    """The model or its filter refuses; it may accept one half."""


class _TooMuch(Exception):
    """The prompt is longer than the model reads at once."""


class Summariser:
    """`name` is the model to be asked; "" is the default one."""

    def __init__(self, model: LanguageModel, name: str = "", deadlines: Timeouts | None = None) -> None:
        self._model = model
        self._name = name
        self._deadlines = deadlines or Timeouts()
        self._token_length = TokenLength()

    @property
    def asks(self) -> bool:
        """Whether there is a model to ask: the built-in one cannot sum up."""
        return not self._model.is_demo

    @property
    def model_name(self) -> str:
        return self._name or self._model.name

    @property
    def room(self) -> int:
        """Maximum characters of a prompt."""
        return self._model.room(self._name)

    async def summarise(self, request: SummaryRequest, spent: Spent, load: ServerLoad) -> Summary:
        """Ask, and ask again where that may help. Raises `KnownFault` if it is to be retried later."""
        asking = _Asking(self._model, self._name, self._deadlines, self._token_length, request, spent, load)
        return await asking.summary()

    async def excerpts(self, request: SummaryRequest) -> Summary:
        """A summary of excerpts, without asking the model."""
        return await asyncio.to_thread(_excerpts, request, request.lines, request.texts, request.limit)


@dataclass
class _Heard:
    """The answer to one request, as far as it has arrived."""

    text: str = ""
    ending: Ending | None = None


@dataclass
class _Asking:
    model: LanguageModel
    name: str
    deadlines: Timeouts
    token_length: TokenLength
    request: SummaryRequest
    spent: Spent
    load: ServerLoad

    async def summary(self) -> Summary:
        whole = range(len(self.request.lines or self.request.texts))
        return await self._part(whole, self.request.limit, may_refuse=True, halvings=MOST_HALVINGS)

    async def _part(self, part: range, limit: int, *, may_refuse: bool, halvings: int) -> Summary:
        """The summary of a part of the lines or texts, made from its halves if the whole is refused or too long."""
        can_be_halved = len(part) > 1 and halvings > 0
        fault = NOT_BELIEVED
        try:
            answer = await self._believed(self._prompt(part, limit), part, limit)
            if answer is not None:
                return Summary(shortened(answer.text, limit), MadeBy.MODEL, answer.facts)
        except _TooMuch:
            if can_be_halved:
                return await self._halves(part, limit, may_refuse=may_refuse, halvings=halvings - 1)
            fault = TooLong.code
        except _Refusal:
            if can_be_halved and may_refuse:
                return await self._halves(part, limit, may_refuse=False, halvings=halvings - 1)
            fault = REFUSED
        lines, texts = self._within(part)
        excerpts = await asyncio.to_thread(_excerpts, self.request, lines, texts, limit)
        return replace(excerpts, fault=fault)

    async def _halves(self, part: range, limit: int, *, may_refuse: bool, halvings: int) -> Summary:
        middle, half = part.start + len(part) // 2, limit // 2
        first = await self._part(range(part.start, middle), half, may_refuse=may_refuse, halvings=halvings)
        rest = await self._part(range(middle, part.stop), half, may_refuse=may_refuse, halvings=halvings)
        are_both_believed = first.made_by == rest.made_by == MadeBy.MODEL
        made_by = MadeBy.MODEL if are_both_believed else MadeBy.EXCERPTS
        text = f"{first.text} {rest.text}".strip()
        return Summary(text, made_by, [*first.facts, *rest.facts], first.fault or rest.fault)

    async def _believed(self, prompt: Prompt, part: range, limit: int) -> Answer | None:
        """An answer that is believed, at the second try if need be; None if there is none."""
        answer = await self._ask(prompt) or await self._ask(replace(prompt, longest=2 * LONGEST_ANSWER))
        if answer is None:
            return None
        doubt = await self._doubt(answer, part, limit)
        if doubt is None:
            return answer
        if doubt.doubt is Doubt.REFUSAL:
            raise _Refusal
        log.info("A summary is asked for once more: %s", doubt.doubt.name)
        answer = await self._ask(second_try(prompt, doubt.reason))
        doubt = answer and await self._doubt(answer, part, limit)
        return answer if doubt is None or doubt.doubt is Doubt.TOO_LONG else None

    async def _doubt(self, answer: Answer, part: range, limit: int) -> Refused | None:
        lines, texts = self._within(part)
        before = [self.request.before] if self.request.is_before_believed else []
        known = (*self.request.card, *before, *self.request.believed, *_names(self.request))
        source = Source([*(line.text for line in lines), *texts], roots, known)
        return await asyncio.to_thread(refuse, answer.text, source, limit)

    async def _ask(self, prompt: Prompt) -> Answer | None:
        """None if the answer is empty."""
        if prompt_length(prompt) > self.model.room(self.name):
            raise _TooMuch
        heard = _Heard()
        try:
            await self._listen(prompt, heard)
        except (EmptyReply, ThoughtOnly, ToolWanted):
            self._count(prompt, heard)
            return None
        except TooLong as error:
            raise _TooMuch from error
        except (KnownFault, asyncio.CancelledError):
            if heard.text:  # as with replies, an answer that has not begun costs nothing
                self._count(prompt, heard)
            raise
        self._count(prompt, heard)
        if heard.ending and heard.ending.outcome == Outcome.FILTERED:
            raise _Refusal
        answer = read_answer(heard.text)
        return answer if answer.text else None

    async def _listen(self, prompt: Prompt, heard: _Heard) -> None:
        pieces = with_timeouts(self.model.reply(replace(prompt, model=self.name)), self.deadlines, self.load)
        async with aclosing(pieces):
            async for piece in pieces:
                if isinstance(piece, Ending):
                    heard.ending = piece
                elif isinstance(piece, str):
                    heard.text += piece
                elif piece is Sign.TAKEN_BACK:
                    heard.text = ""

    def _count(self, prompt: Prompt, heard: _Heard) -> None:
        ending = heard.ending
        if ending and ending.tokens_in is not None and ending.tokens_out is not None:
            self.token_length.learn(prompt, ending.tokens_in)
            self.spent.tokens_in += ending.tokens_in
            self.spent.tokens_out += ending.tokens_out
        else:
            self.spent.tokens_in += self.token_length.tokens(prompt)
            self.spent.tokens_out += tokens_of(heard.text)

    def _prompt(self, part: range, limit: int) -> Prompt:
        lines, texts = self._within(part)
        if self.request.level == DIGEST:
            return digest_prompt(self.request.talkers, texts, limit)
        if self.request.level:
            return parent_prompt(texts, limit)
        before = self.request.before if part.start == 0 else ""
        known, first = self.request.known, part.start + 1
        return chapter_prompt(self.request.talkers, lines, limit, before=before, known=known, first=first)

    def _within(self, part: range) -> tuple[Sequence[Line], Sequence[str]]:
        return self.request.lines[part.start : part.stop], self.request.texts[part.start : part.stop]


def _names(request: SummaryRequest) -> tuple[str, str]:
    return request.talkers.character, request.talkers.person


def _excerpts(request: SummaryRequest, lines: Sequence[Line], texts: Sequence[str], limit: int) -> Summary:
    """To be called in a thread, since it looks up words."""
    text = excerpts_of_texts(texts, limit, roots) if request.level else excerpts_of(lines, limit, roots)
    return Summary(shortened(text, limit), MadeBy.EXCERPTS)
