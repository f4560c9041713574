"""Demo model, resuming: a reply, from its beginning or from the letter where it was cut off."""

from __future__ import annotations

from collections.abc import Iterator

from domain.llm.demo.reply import Reply
from domain.llm.demo.scene import Scene, before_the_reply, read, unfinished
from domain.llm.demo.sentences import PLACE
from domain.llm.port import Prompt
from domain.macros.forms import Agreement
from domain.macros.meanings import filled

TRIED = 8
"""Attempts among which the reply that was cut off is looked for."""
TELLING = 8
"""Letters of a line by which it is recognised."""


def reply_to(prompt: Prompt, attempt: int = 0) -> str:
    begun = unfinished(prompt)
    return Reply(read(prompt), attempt).text() if begun is None else _rest(prompt, begun)


def _rest(prompt: Prompt, begun: str) -> str:
    answered = before_the_reply(prompt)
    for attempt in range(TRIED):
        whole = Reply(read(answered), attempt).text()
        if whole.startswith(begun) and len(whole) > len(begun):
            return whole[len(begun) :]
    scene = read(prompt)
    ends = [line[cut:] for line in _lines(scene) if (cut := _overlap(begun, line)) and cut < len(line)]
    if ends:
        return min(ends, key=len)
    return ("" if begun[-1:].isspace() else " ") + Reply(scene, 0).going_on()


def _lines(scene: Scene) -> Iterator[str]:
    """The lines in the forms that they may have been begun in: the form of address may have changed meanwhile."""
    for is_informal in (True, False):
        agreement = Agreement(scene.agreement.character, scene.agreement.person, is_informal)
        for line in scene.repertoire.all_lines():
            if not PLACE.search(line.replace("{{", "").replace("}}", "")):
                yield filled(line, {"char": scene.persona.name, "user": scene.person}, agreement)


def _overlap(begun: str, line: str) -> int:
    """How many letters of the line end what was said so far; 0 if too few to tell."""
    start = line[:TELLING]
    at = begun.rfind(start)
    while at >= 0:
        if line.startswith(begun[at:]):
            return len(begun) - at
        at = begun.rfind(start, 0, at)
    return 0
