"""Inner voice: separates a model's thoughts and the markers of its template from the reply while it streams.

Models think aloud whenever their server does not take the thoughts out. A marker may be split over any number of
pieces, so what could be the beginning of one is held back until that is clear.
"""

from __future__ import annotations

import re
from enum import Enum

THOUGHTS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<thoughts>": "</thoughts>",
    "<reasoning>": "</reasoning>",
    "<reflection>": "</reflection>",
    "<seed:think>": "</seed:think>",
    "[think]": "[/think]",
    "◁think▷": "◁/think▷",
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "<|start_thinking|>": "<|end_thinking|>",
    "<|channel>thought": "<channel|>",
}
"""Markers that begin and end thoughts, in lower case: of DeepSeek, Qwen and most others; Seed; Magistral; Kimi;
OpenThinker; Command; Gemma. Those of gpt-oss are a channel.
"""
CHANNEL, MESSAGE, START = "<|channel|>", "<|message|>", "<|start|>"
"""Markers of gpt-oss («harmony»): a header of role and channel (`assistant`, `analysis`, `final`), then its message."""
SPOKEN_CHANNELS = ("", "final", "assistant")
FRAMES = (
    *("<|begin_of_solution|>", "<|end_of_solution|>", "<|start_response|>", "<|end_response|>", "<|begin_of_text|>"),
    *("<|constrain|>", "<bos>", "[bos]", "<|begin_of_box|>", "<|end_of_box|>"),
)
"""Markers that only frame the reply."""
ROLES = (
    *("<|im_start|>", "<|start_header_id|>", "<|header_start|>", "<|start_of_role|>", "<start_of_turn>"),
    *("<|turn>", START),
)
"""Markers that a role follows, as in `<|im_start|>assistant`, up to the end of its line or the next marker."""
TURN_ENDS = (
    *("<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|eot|>", "<|end_of_text|>", "<|endoftext|>", "<|end|>", "<|return|>"),
    *("<|call|>", "<|user|>", "<|system|>", "<|assistant|>", "<end_of_turn>", "<|end_of_turn|>", "<turn|>"),
    *("<|end_of_turn_token|>", "<|start_of_turn_token|>", "<|end_header_id|>", "<|header_end|>", "<|end_of_role|>"),
    *("<｜end▁of▁sentence｜>", "<｜user｜>", "<｜assistant｜>"),
    *("[|endofturn|]", "[|user|]", "[|assistant|]", "[|system|]"),
    *("[/inst]", "[inst]", "</s>", "<s>", "<eos>", "[eos]"),
)
"""Markers between turns: the reply ends before the first of them. Before the reply's first word, they only frame it."""
OWN_ROLES = ("", "assistant", "model", "bot")
BARE_CHANNELS = ("analysis", "assistantfinal")
"""Remains of gpt-oss's channels behind a server that removes the markers and leaves the words between them."""

_CLOSERS = frozenset(THOUGHTS.values())
_MARKERS = (*THOUGHTS, *_CLOSERS, CHANNEL, MESSAGE, *FRAMES, *ROLES, *TURN_ENDS)
_ANY_MARKER = re.compile("|".join(map(re.escape, sorted(_MARKERS, key=len, reverse=True))), re.IGNORECASE)
_LONGEST_MARKER = max(map(len, _MARKERS))
_FIRST_SIGNS = re.compile("[" + re.escape("".join({marker[0] for marker in _MARKERS})) + "]")


class Phase(Enum):
    SPEECH = "the reply"
    THOUGHT = "thoughts"
    HEADER = "a role or a channel"
    OVER = "the reply has ended"


class InnerVoice:
    """`begins_in_thought` is set for a model that has been seen to end thoughts that it never began, because its
    template begins them.
    """

    def __init__(self, *, begins_in_thought: bool = False) -> None:
        self.thoughts = ""
        self.takes_back = False
        """Whether everything passed on before the last `feed` turned out to be thoughts, since their end came only
        then.
        """
        self.ended_unbegun_thoughts = False
        self.thinks_elsewhere = False
        """Whether the server sends the thoughts beside the text, in which case no text is taken back."""
        self._held = ""
        self._spoken = ""
        self._header = ""
        self._is_channel = False
        self._assumes_thoughts = begins_in_thought
        self._closers: list[str] = ["</think>"] if begins_in_thought else []
        self._phase = Phase.THOUGHT if begins_in_thought else Phase.SPEECH
        self._has_met_marker = False
        self._taken_back = ""
        self._after_closer = 0  # position in `thoughts` where the last end of some was marked
        self._aside: tuple[str, int] | None = None  # a tag inside a line, and the position where its thoughts begin

    @property
    def is_over(self) -> bool:
        return self._phase is Phase.OVER

    @property
    def is_thinking(self) -> bool:
        return self._phase is Phase.THOUGHT

    def feed(self, piece: str) -> str:
        """Add a piece; returns the text that is now certain to belong to the reply."""
        self.takes_back = False
        self._held += piece
        return self._take_all(at_end=False)

    def close(self) -> str:
        """End the answer; returns what was held back of the reply."""
        self.takes_back = False
        spoken = self._take_all(at_end=True) + self._end_open_header()
        if self.is_thinking and self._assumes_thoughts:  # this time, the model did not think
            spoken, self.thoughts = self.thoughts.lstrip(), ""
        elif self.is_thinking and self._aside:  # the tag was only mentioned
            tag, begin = self._aside
            spoken, self.thoughts = spoken + tag + self.thoughts[begin:], self.thoughts[:begin]
        elif not self._spoken.strip():
            spoken = self._missing_speech()
        return spoken

    def _end_open_header(self) -> str:
        """A role without a line break after it: what follows the role is the reply."""
        if self._phase is not Phase.HEADER or self._is_channel:
            return ""
        role, _, rest = self._header.strip().partition(" ")
        self._phase = Phase.SPEECH
        return self._take(rest if role.lower() in OWN_ROLES else self._header.strip())

    def _missing_speech(self) -> str:
        """The reply where nothing else is left to be one: what follows the last end of thoughts, however they began, or
        what was taken back.
        """
        speech = self.thoughts[self._after_closer :].strip() if self._after_closer else ""
        if speech:
            self.thoughts = self.thoughts[: self._after_closer]
        elif self._taken_back:
            speech, self.thoughts = self._taken_back, ""
        return speech

    def _take_all(self, *, at_end: bool) -> str:
        spoken = ""
        while self._held and not self.is_over:
            if self._phase is Phase.SPEECH and not self._spoken and self._may_be_bare_channel(at_end=at_end):
                break
            marker = _ANY_MARKER.search(self._held)
            clear = marker.start() if marker else len(self._held) if at_end else _clear_of_markers(self._held)
            spoken += self._take(self._held[:clear])
            self._held = self._held[clear:]
            if marker is None:
                break
            self._held = self._held[len(marker[0]) :]
            if self._is_spoken_of(marker[0].lower()):
                spoken += self._take(marker[0])
                continue
            had_taken_back = self.takes_back
            self._meet(marker[0].lower())
            spoken = "" if self.takes_back and not had_taken_back else spoken
        return spoken

    def _is_spoken_of(self, marker: str) -> bool:
        """Whether a marker is part of the reply: in code, or as HTML's strike-through."""
        if self._phase is not Phase.SPEECH:
            return False
        if marker == "<s>":
            return bool(self._spoken.strip())
        if marker == "</s>":
            return self._spoken.count("<s>") > self._spoken.count("</s>")
        is_tag = marker in THOUGHTS or marker in _CLOSERS
        return _is_in_code(self._spoken) if is_tag else self._spoken.endswith("`")

    def _take(self, text: str) -> str:
        """The part of a text without markers that is spoken."""
        if self._phase is Phase.THOUGHT:
            self.thoughts += text
            return ""
        if self._phase is Phase.HEADER:
            role, line_break, text = text.partition("\n")
            self._header += role
            if not line_break:
                return ""
            self._end_header()
            return self._take(text)
        if self.is_over:
            return ""
        if not self._spoken and self._has_met_marker:
            text = text.lstrip()
        self._spoken += text
        return text

    def _meet(self, marker: str) -> None:
        self._has_met_marker = True
        if marker == CHANNEL or marker in ROLES:
            self._is_channel = marker == CHANNEL
            self._phase, self._header = (Phase.OVER if self._ends_here(marker) else Phase.HEADER), ""
        elif marker in FRAMES:
            return
        elif self._phase is Phase.HEADER:
            self._end_header()
        elif marker in THOUGHTS:
            self._begin_thoughts(marker)
        elif marker in self._closers or (self.is_thinking and not self._closers):
            self._end_thoughts(marker)
        elif marker in _CLOSERS:
            self._end_unbegun_thoughts()
        elif marker in TURN_ENDS:
            self._end_turn()

    def _ends_here(self, marker: str) -> bool:
        """A new turn ends the reply; a new channel only decides whether what follows is part of it."""
        return marker in ROLES and bool(self._spoken.strip())

    def _end_turn(self) -> None:
        if self._spoken.strip():
            self._phase = Phase.OVER
        elif self.is_thinking:  # the thoughts were a turn of their own
            self._closers, self._phase = [], Phase.SPEECH

    def _end_header(self) -> None:
        words = self._header.lower().split()
        self._header = ""
        said = words[0] if words else ""
        if said in ("user", "human", "system", "tool"):
            self._phase = Phase.OVER
        elif self._is_channel and said not in SPOKEN_CHANNELS:
            self._phase, self._closers = Phase.THOUGHT, []  # any marker between turns ends them
        else:
            self._phase = Phase.SPEECH

    def _begin_thoughts(self, marker: str) -> None:
        if not self._closers:
            line = self._spoken.rpartition("\n")[2].strip()
            self._aside = (marker, len(self.thoughts)) if line else None
        self._closers.append(THOUGHTS[marker])
        self._phase = Phase.THOUGHT

    def _end_thoughts(self, marker: str) -> None:
        if marker in self._closers:
            while self._closers.pop() != marker:
                pass
        self._after_closer = len(self.thoughts)
        self._aside = None
        if not self._closers:
            self.ended_unbegun_thoughts = self._assumes_thoughts
            self._assumes_thoughts = False
            self._phase = Phase.SPEECH

    def _end_unbegun_thoughts(self) -> None:
        """The template began the thoughts, so they came as if they were the reply. A second end of the same thoughts,
        or one before any word, takes nothing back.
        """
        if self.is_thinking:
            self._after_closer = len(self.thoughts)  # the markers of their beginning and end differ in kind
        elif self._spoken.strip() and not self.thoughts and not self.thinks_elsewhere:
            self.takes_back = True
            self.thoughts = self._taken_back = self._spoken
            self._spoken = ""
        self.ended_unbegun_thoughts = self.ended_unbegun_thoughts or self.takes_back

    def _may_be_bare_channel(self, *, at_end: bool) -> bool:
        """Whether to wait: the answer begins with «analysis» and «assistantfinal» has not come yet. Takes out both."""
        begun, ended = BARE_CHANNELS
        beginning, after = self._held[: len(begun)].lower(), self._held[len(begun) : len(begun) + 1]
        if at_end or self._has_met_marker or not begun.startswith(beginning) or not (after.isalnum() or not after):
            return False
        where = self._held.lower().find(ended)
        if where < 0:
            return True
        self.thoughts += self._held[len(begun) : where]
        self._held = self._held[where + len(ended) :]
        self._has_met_marker = True
        return False


def _clear_of_markers(text: str) -> int:
    """Number of leading characters of a text without markers that cannot belong to the beginning of one."""
    for sign in _FIRST_SIGNS.finditer(text, max(len(text) - _LONGEST_MARKER, 0)):
        rest = text[sign.start() :].lower()
        if any(marker.startswith(rest) for marker in _MARKERS):
            return sign.start()
    return len(text)


def _is_in_code(text: str) -> bool:
    """Whether a text ends inside `code`, where a tag is spoken of and not used."""
    if text.count("```") % 2:
        return True
    return text.rpartition("\n")[2].replace("```", "").count("`") % 2 == 1
