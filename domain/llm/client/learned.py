"""Learned: peculiarities of each model that its server has shown since this process started. Requests adapt to them."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from domain.llm.client.refusals import Refusal
from domain.llm.faults import TooLong
from domain.llm.port import PromptMessage, Role
from domain.llm.token_estimates import CHARACTERS_A_TOKEN

log = logging.getLogger(__name__)

LIMIT, NEWER_LIMIT = "max_tokens", "max_completion_tokens"
REFUSED = re.compile(
    r"unsupported|not support|unknown|unrecogni[sz]ed|unexpected|not permitted|not allowed|not valid|invalid|extra"
    r"|only the default|deprecated|does not accept|not implemented|must be|cannot be"
)
SYSTEM_REFUSED = re.compile(
    r"system (?:role|message|prompt|instruction)|developer instruction|role.{0,20}\bsystem\b|roles must alternate"
    r"|only user and assistant|must start with a user"
)
MAY_BE_ABOUT_ROLES = (
    *(None, HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.INTERNAL_SERVER_ERROR),
)
LARGEST_TAKEN = re.compile(
    r"(?:at most|less than or equal to|no more than|maximum(?: value)?(?: is| of)?|exceeds? the limit of)\D{0,12}(\d+)"
)
SYSTEM_PARAM = re.compile(r"messages(?:\[\d+\]|\.\d+)?\.role")
SHORTEST_LIMIT, LONGEST_LIMIT = 16, 1_000_000  # tokens; plausible values of a limit
SMALLEST_WINDOW = 1_024  # tokens; the minimum that is guessed
SHORTEST_MEASURED = 1_000  # characters; in a shorter prompt, most tokens may be the template's
FEWEST_CHARACTERS_A_TOKEN = 0.7
"""Minimum ratio believed: a lower one would mean that the server counts something else."""


@dataclass
class Learned:
    """`model` is its name, for the log. `window` is 0 until the server reports one. `shared_window` is the part of it
    that one reply may take if simultaneous replies share it; 0 if they do not.
    """

    model: str
    left_out: set[str] = field(default_factory=set)
    limit_name: str = LIMIT
    longest_reply: int | None = None
    folds_system_message: bool = False
    begins_in_thought: bool = False
    has_replied: bool = False
    has_overflowed: bool = False
    """Whether the last prompt was refused for its length, without numbers that were new to us."""
    is_window_asked: bool = False
    window: int = 0
    shared_window: int = 0
    characters_a_token: float = CHARACTERS_A_TOKEN

    def parameters(self, wanted: dict[str, object], longest: int) -> dict[str, object]:
        """The parameters of a request that this model accepts."""
        limit = min(longest, self.longest_reply or longest)
        everything = {self.limit_name: limit, **wanted}
        taken = {name: value for name, value in everything.items() if name not in self.left_out}
        return taken | {"stream": False} if "stream" in self.left_out else taken

    def messages(self, messages: Sequence[PromptMessage]) -> list[tuple[str, str]]:
        """The prompt's messages; the system message is folded into the user's first one if the model accepts none."""
        sent = [(message.role.value, message.text) for message in messages]
        if not self.folds_system_message or sent[0][0] != Role.SYSTEM or len(sent) == 1:
            return sent
        (_, instructions), (role, text), *rest = sent
        if role == Role.USER:
            return [(role, f"{instructions}\n\n{text}"), *rest]
        return [(Role.USER.value, instructions), (role, text), *rest]

    def adapt(self, refusal: Refusal, sent: Sequence[str]) -> bool:
        """Learn from the refusal of a request with the parameters `sent`; returns whether to ask again differently."""
        if _is_about_roles(refusal):
            is_news, self.folds_system_message = not self.folds_system_message, True
            return is_news and self._tell("its system message goes into the first message of the user")
        is_about_request = refusal.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
        is_about_length = refusal.is_overflow and refusal.param not in sent
        name = _named(refusal, sent) if is_about_request and not is_about_length else None
        return name is not None and name not in self.left_out and self._ask_without(name, refusal)

    def _ask_without(self, name: str, refusal: Refusal) -> bool:
        if name in {LIMIT, NEWER_LIMIT} and (most := _largest_taken(refusal)):
            self.longest_reply = most
            return self._tell(f"{name} is {most} at most")
        if name == LIMIT and NEWER_LIMIT in refusal.words:
            self.limit_name = NEWER_LIMIT
            return self._tell(f"{NEWER_LIMIT} in place of {LIMIT}")
        self.left_out.add(name)
        return self._tell(f"without {name}")

    def learn_overflow(self, fault: TooLong, characters: int) -> None:
        """Learn that a prompt of so many characters was refused for its length, with the server's numbers if it gave
        any. Even a short prompt counts, since it filled the window.
        """
        window, density = self.window, self.characters_a_token
        if fault.window:
            self.learn_window(fault.window)
        if fault.prompt:
            self._learn_density(characters, fault.prompt)
        fault.is_measured = self.characters_a_token < density
        self.has_overflowed = self.window == window and not fault.is_measured

    def learn_from_shortened(self, window: int, share: float) -> None:
        """Learn that a prompt for this share of the window was accepted after a longer one was refused. Unless the
        server gave numbers, that share is the window from now on.
        """
        if self.has_overflowed:
            self.learn_window(min(window, max(int(window * share), SMALLEST_WINDOW)))
        self.has_overflowed = False

    def share_window(self, window: int) -> None:
        """Learn that the server accepted a prompt that fits this window, and then ran out of context amid the reply.
        llama.cpp shares one context among all its slots unless told otherwise, and breaks off all replies when together
        they fill it.
        """
        left = min(window, max(window // 2, SMALLEST_WINDOW))
        if self.shared_window and self.shared_window <= left:
            return  # of several replies broken off at once, one counts
        self.shared_window = left
        log.warning(
            "The server of the model %s ran out of context amid a reply: replies at the same time seem to share it. "
            "From now on each is counted to have %s tokens. A larger context (llama.cpp: -c), one for each slot "
            "(--no-kv-unified) or a smaller LLM_CONCURRENCY leaves more.",
            self.model,
            left,
        )

    def learn_window(self, tokens: int) -> None:
        if tokens != self.window:
            self.window = tokens
            log.info("The model %s is taken to read %s tokens at once, after what its server said.", self.model, tokens)

    def learn_density(self, characters: int, tokens: int) -> None:
        """Learn that a prompt of so many characters had so many tokens, as counted by the server."""
        if characters >= SHORTEST_MEASURED and tokens > 0:
            self._learn_density(characters, tokens)

    def _learn_density(self, characters: int, tokens: int) -> None:
        measured = characters / tokens
        if FEWEST_CHARACTERS_A_TOKEN <= measured < self.characters_a_token:
            self.characters_a_token = measured

    def _tell(self, how: str) -> bool:
        log.info("The model %s refused a request; from now on it is asked otherwise: %s.", self.model, how)
        return True


def _is_about_roles(refusal: Refusal) -> bool:
    """A template without a system message may fail with a client or server error, since it runs in the server."""
    if refusal.is_overflow or refusal.status not in MAY_BE_ABOUT_ROLES:
        return False
    return bool(SYSTEM_PARAM.search(refusal.param) or SYSTEM_REFUSED.search(refusal.lowered))


def _named(refusal: Refusal, sent: Sequence[str]) -> str | None:
    """The parameter, of those sent, that the refusal names; None if there is none."""
    if refusal.param in sent:
        return refusal.param
    if not REFUSED.search(refusal.lowered):
        return None
    return next((name for name in sent if re.search(rf"\b{re.escape(name)}\b", refusal.words)), None)


def _largest_taken(refusal: Refusal) -> int | None:
    """The largest limit that a model accepts, if it says so of one that was too large."""
    told = LARGEST_TAKEN.search(refusal.lowered)
    return int(told[1]) if told and SHORTEST_LIMIT <= int(told[1]) <= LONGEST_LIMIT else None
