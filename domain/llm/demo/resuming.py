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
"""Number of attempts compared with the reply that was cut off."""
MOST_TRIED = 24
"""Maximum attempts at a reply that begins with none of the others."""
TELLING = 8
"""Number of leading letters by which a line is recognised."""


def reply_to(prompt: Prompt) -> str:
    begun = unfinished(prompt)
    return _unlike_the_others(prompt) if begun is None else _rest(prompt, begun)


def _unlike_the_others(prompt: Prompt) -> str:
    """A reply that begins with none of the others, even if they were cut off; the first one if there is none such."""
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
    """The lines in each form in which they may have begun: the form of address may have changed meanwhile."""
    for is_informal in (True, False):
        agreement = Agreement(scene.agreement.character, scene.agreement.person, is_informal)
        for line in scene.repertoire.all_lines():
            if not PLACE.search(line.replace("{{", "").replace("}}", "")):
                yield filled(line, {"char": scene.persona.name, "user": scene.person}, agreement)


def _overlap(begun: str, line: str) -> int:
    """Number of the line's first letters that end the text so far; 0 if they are too few to tell."""
    start = line[:TELLING]
    at = begun.rfind(start)
    while at >= 0:
        if line.startswith(begun[at:]):
            return len(begun) - at
        at = begun.rfind(start, 0, at)
    return 0
