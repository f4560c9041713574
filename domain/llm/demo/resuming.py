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
MOST_TRIED = 24
"""Attempts among which a reply is looked for that none of the others has begun with."""
TELLING = 8
"""Letters of a line by which it is recognised."""


def reply_to(prompt: Prompt) -> str:
    begun = unfinished(prompt)
    return _unlike_the_others(prompt) if begun is None else _rest(prompt, begun)


def _unlike_the_others(prompt: Prompt) -> str:
    """A reply that none of the others is, nor begins, having been stopped; the first one if there is no such."""
    scene, others = read(prompt), tuple(filter(None, map(str.strip, prompt.others)))
    tries = (Reply(scene, len(others) + more).text() for more in range(MOST_TRIED))
    return next((each for each in tries if not each.startswith(others)), "") or Reply(scene, len(others)).text()


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
