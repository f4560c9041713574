"""Demo model, recollection: what the person told about themselves long ago, when they ask for it.

It is told from what the prompt holds of the dialog's memory, else from what they said within the prompt, and never more
than is there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from domain.llm.demo.repertoire import plain, stems
from domain.llm.demo.scene import Scene
from domain.llm.demo.words import SHORTEST, lemmas, parse, reading, words

KINDS = ("age", "birthday", "work", "place", "health", "fears", "dislikes", "likes")
SEVERAL = frozenset({"fears", "dislikes", "likes", "health"})
"""Kinds of which somebody may have more than one."""
TOGETHER = 3
LONGEST = 200
OF_THE_QUESTION = """
помнить запомнить вспомнить напомнить забыть рассказывать упоминать обещать просить звать зваться называть имя мой наш
твой ваш собеседник слово разговор знать любить
"""
OF_THE_ENGLISH_QUESTION = "reme remi tell told said ment name call pers know whic what when wher some anyt abou ever"
SILENT = frozenset(OF_THE_QUESTION.split())
SILENT_ENGLISH = frozenset(OF_THE_ENGLISH_QUESTION.split())
ONE_THING = (
    frozenset({"кот", "кошка", "котенок"}),
    frozenset({"пес", "собака", "щенок"}),
    frozenset({"мать", "мама"}),
    frozenset({"отец", "папа"}),
    frozenset({"дочь", "дочка"}),
)
OF_THE_PERSON = re.compile(r"^(?:У собеседника|Собеседник(?:а|у)?|The person(?:'s)?)\b|\bсобеседника\b")
SENTENCE = re.compile(r"[^.!?…]+[.!?…]*")
ENGLISH_FORMS = {"is": "are", "has": "have", "doesn't": "don't", "was": "were"}


def recollection(scene: Scene) -> str | None:
    """The sentences that answer; "" if nothing is known of it, None if the message asks for no memory."""
    patterns = scene.common.patterns
    if not (scene.asks or patterns["remind"].search(scene.plain)) or patterns["your_name"].search(scene.plain):
        return None
    kind = next((each for each in KINDS if patterns[f"mine_{each}"].search(scene.plain)), "")
    if kind:
        found = _of_a_kind(scene, kind)
    elif patterns["mine_all"].search(scene.plain):
        found = [each for each in scene.memory if OF_THE_PERSON.search(each)][-TOGETHER:]
    elif patterns["remember"].search(scene.plain):
        found = _by_words(scene, _lines(scene))
    else:
        return _perhaps(scene)
    return _said(scene, found)


def _perhaps(scene: Scene) -> str | None:
    """«Помнишь про таксу?», «Как зовут кота?»: about what the person told, if they told of it; else about anything."""
    patterns = scene.common.patterns
    if patterns["of_yours"].search(scene.plain):
        return None
    if patterns["remember_too"].search(scene.plain):
        return _said(scene, _by_words(scene, _lines(scene))) or None
    if patterns["named_too"].search(scene.plain):
        return _said(scene, _by_words(scene, list(filter(OF_THE_PERSON.search, scene.memory)))) or None
    return None


def _said(scene: Scene, lines: Sequence[str]) -> str:
    return " ".join(dict.fromkeys(_told(each, scene) for each in lines))


def _of_a_kind(scene: Scene, kind: str) -> list[str]:
    """The newest line of this kind, or the newest lines if it is one of `SEVERAL`. What facts tell is not quoted."""
    known = scene.common.patterns[f"known_{kind}"]
    found = [each for each in _lines(scene) if known.search(plain(each))]
    found = [each for each in found if OF_THE_PERSON.search(each)] or found
    return found[-TOGETHER:] if kind in SEVERAL else found[-1:]


def _by_words(scene: Scene, lines: Sequence[str]) -> list[str]:
    """The line that shares the most words with the question; of equals, the newest."""
    asked = _words(scene.plain, scene.language)
    found = [(len(asked & _words(each, scene.language)), place, each) for place, each in enumerate(lines)]
    best = max(found, default=(0, 0, ""))
    return [best[2]] if best[0] else []


def _lines(scene: Scene) -> list[str]:
    """The person's sentences within the prompt, then the lines of memory; facts, which are preferred, come last."""
    said = [each.strip() for text in scene.earlier for each in SENTENCE.findall(text) if not each.strip().endswith("?")]
    excerpts = [each for each in scene.memory if not OF_THE_PERSON.search(each)]
    return [each for each in (*said, *excerpts, *filter(OF_THE_PERSON.search, scene.memory)) if each]


def _words(text: str, language: str) -> frozenset[str]:
    if language != "ru":
        return stems(plain(text)) - SILENT_ENGLISH
    names = {word for word in words(text) if len(word) >= SHORTEST and parse(word) is None}
    found = (lemmas(text) | names) - SILENT
    return found | frozenset().union(*(each for each in ONE_THING if each & found))


def _told(line: str, scene: Scene) -> str:
    """A fact in the second person, anything else as a quotation."""
    if OF_THE_PERSON.search(line):
        told = _to_you(line, scene) if scene.language == "ru" else _to_you_in_english(line)
        return f"{told[:1].upper()}{told[1:].rstrip('.')}."
    asked = _words(scene.plain, scene.language)
    best = max(SENTENCE.findall(line), key=lambda each: len(asked & _words(each, scene.language)), default=line)
    quoted = best.strip() if len(best.strip()) <= LONGEST else f"{best.strip()[:LONGEST].rstrip()}…"
    return scene.worded(scene.common.repertoire.lines["quoted"][0], told=quoted.rstrip("."))


def _to_you(line: str, scene: Scene) -> str:
    """«Собеседник живёт в Твери» → «ты живёшь в Твери»."""
    is_informal = scene.agreement.is_informal
    for subject, informal, formal in (
        ("У собеседника ", "у тебя ", "у вас "),
        ("Собеседника ", "тебя ", "вас "),
        ("Собеседнику ", "тебе ", "вам "),
        ("Собеседник по профессии ", "по профессии ты — ", "по профессии вы — "),
    ):
        if line.startswith(subject):
            return (informal if is_informal else formal) + line.removeprefix(subject)
    if not line.startswith("Собеседник "):
        return re.sub(r" собеседника (?=\d)", " — ", line).replace(" собеседника ", " ")
    words = line.split()[1:]
    for place, word in enumerate(words):
        if verb := reading(word, "VERB", "3per", "sing"):
            form = verb.inflect({"2per", "sing" if is_informal else "plur"})
            words[place] = form.word if form else word
            break
    return f"{'ты' if is_informal else 'вы'} {' '.join(words)}"


def _to_you_in_english(line: str) -> str:
    """“The person lives in Leeds” → “you live in Leeds”."""
    if line.startswith("The person's "):
        return line.replace("The person's", "your", 1)
    verb, _, rest = line.removeprefix("The person ").partition(" ")
    return f"you {ENGLISH_FORMS.get(verb, verb.removesuffix('s'))} {rest}"
