"""Demo model, answers of a card: those of a character without a repertoire, from what its author wrote about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from domain.llm.demo import words
from domain.llm.demo.address import FORMAL, INFORMAL, addressed
from domain.llm.demo.card import Card
from domain.llm.demo.card_english import ENGLISH_GROUPS, english_card
from domain.llm.demo.card_russian import DEAR, FAMILY, FRIENDS, PETS, russian_card
from domain.llm.demo.repertoire import plain
from domain.llm.demo.scene import Scene
from domain.llm.port import Persona

ALIKE = 0.5
"""Minimum share of words that a message and an example have in common for the example's answer (Jaccard index)."""
MOST_DEAR = 3
SPARED = ("work", "place", "fears", "dreams", "dislikes", "likes")
"""Kinds of facts that a general answer about oneself leaves for the questions about them."""
MEANT_TOGETHER = (
    frozenset({"кот", "кошка", "котенок"}),
    frozenset({"пес", "собака", "щенок"}),
    frozenset({"дед", "дедушка"}),
    frozenset({"мать", "мама"}),
    frozenset({"отец", "папа"}),
)
"""Words that a question means as one: whoever asks about a tomcat asks about a she-cat, too."""
GROUPS = {
    "pet": PETS,
    "family": FAMILY,
    "friend": FRIENDS,
    "spouse": frozenset({"муж", "жена", "невеста", "жених", "женатый"}),
    "child": frozenset({"сын", "дочь", "дочка", "ребенок", "близнец"}),
    "parent": frozenset({"мама", "мать", "папа", "отец"}),
}
"""Words for those whom one collective word asks about, by the name of its pattern, `card_…`."""
LONGEST_INTEREST = 40
COMMON_WORDS = """
the and you your are what how why who where when does did have has with about that this they there for was were can
could would will like tell me think know not from into very much many some any it's don't just really
"""
COMMON_ENGLISH = frozenset(COMMON_WORDS.split())


@lru_cache(maxsize=64)
def card_of(persona: Persona, language: str) -> Card:
    """The facts of the card; none if it is written in another language, since its sentences cannot be said."""
    is_russian = bool(re.search("[а-яё]", persona.context + persona.bio, re.IGNORECASE))
    if is_russian != (language == "ru"):
        return Card()
    return russian_card(persona) if is_russian else english_card(persona)


class CardAnswers:
    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._card = card_of(scene.persona, scene.language)
        self._lines = scene.common.repertoire.lines

    def questions(self) -> Sequence[str]:
        """The questions of the greeting, to lead back to, except those whose «ты» or «вы» no longer fits."""
        unfit = FORMAL if self._scene.agreement.is_informal else INFORMAL
        fit = [q for q in self._card.questions if addressed(plain(q)) != unfit]
        return [self._scene.worded(each, question=_lowered(q)) for q in fit for each in self._lines["back"]]

    def to_the_point(self, attempt: int) -> str:
        """The answer to a question of a kind that the card knows."""
        if example := self._by_example():
            return example
        patterns, kinds = self._scene.common.patterns, self._kinds() if self._scene.asks else {}
        kind = next((each for each in kinds if patterns[f"card_{each}"].search(self._scene.plain)), "")
        answers = kinds[kind]() if kind else []
        fresh = [each for each in answers if each and self._scene.said.is_fresh(each)]
        return fresh[attempt % len(fresh)] if fresh else ""

    def near(self, attempt: int) -> str:
        """A sentence of the card that speaks of the same things."""
        if self._scene.common.patterns["what_it_is"].search(self._scene.spoken) and (told := self._what_it_is()):
            return told
        if self._scene.common.patterns["how_to"].search(self._scene.plain):  # its own facts are no instructions
            return ""
        asked = self._telling(self._scene.spoken)
        found = [(len(asked & self._telling(each)), each) for each in self._fresh_facts() if not self._introduces(each)]
        best = [each for shared, each in sorted(found, key=lambda pair: -pair[0]) if shared]
        return best[attempt % len(best)] if best else ""

    def _what_it_is(self) -> str:
        """«Ты правда принцесса?»: the sentence that introduces the character, if it has that word."""
        asked = {*words.words(self._scene.spoken)}
        told = self._filled("card_job", job=self._card.job)[:1] if self._card.job else []
        told += [each for each in self._card.facts if self._introduces(each)]
        return next((each for each in told if asked & {*words.words(plain(each))}), "")

    def by_what_one_does(self, attempt: int) -> str:
        """A sentence with a verb of the question's, however common: «умеешь?», «работаешь?»."""
        if self._scene.language != "ru":
            return ""
        asked = words.verbs(self._scene.spoken)
        found = [each for each in self._card.facts if asked & words.verbs(each) and not self._introduces(each)]
        fresh = [each for each in found if self._scene.said.is_fresh(each)] or found
        return fresh[attempt % len(fresh)] if fresh else ""

    def _introduces(self, fact: str) -> bool:
        """«Я — Соня, 22 года», «Я граф Дамиан»: says who it is, which answers nothing else."""
        name = "|".join(map(re.escape, self._scene.persona.name.split())) or "—"
        return bool(re.match(rf"(?:Я —|(?:Я|Меня зовут|I am|I'm|My name is)[^,.]{{0,30}} (?:{name})\b)", fact))

    def on_a_word(self, seed: int) -> str:
        """A reaction that takes up what the person speaks of, in the case that it needs."""
        if self._scene.language != "ru":
            return ""
        noun = words.noun_to_take_up(self._scene.spoken)
        if noun is None:
            return ""
        known = {"about_noun": words.about(noun), "noun_accs": words.in_case(noun, words.ACCUSATIVE)}
        lines = [each for each in self._lines["word"] if self._scene.said.is_fresh(each)]
        return self._scene.worded(lines[seed % len(lines)], **known) if lines and all(known.values()) else ""

    def _kinds(self) -> dict[str, Callable[[], Iterable[str]]]:
        """Maps each kind of question to its answers, in order of precedence."""
        return {
            "age": self._age,
            "dear": self._dear,
            "name": self._name,
            "job": self._job,
            "place": self._place,
            "year": self._year,
            "dislikes": lambda: self._with("dislikes"),
            "fears": lambda: self._with("fears"),
            "dreams": lambda: self._with("dreams"),
            "likes": self._likes,
            "about": self._about,
        }

    def _name(self) -> Iterable[str]:
        name = self._card.full_name or self._scene.persona.name
        return self._filled("card_name", name=name) if name else []

    def _age(self) -> Iterable[str]:
        return self._filled("card_age", age=self._card.age) if self._card.age else []

    def _place(self) -> Iterable[str]:
        return [f"{self._card.place}.", *self._with("place")] if self._card.place else self._with("place")

    def _job(self) -> Iterable[str]:
        by_trade = self._filled("card_job", job=self._card.job) if self._card.job else []
        facts = self._with("job")
        by_work = [each for each in facts if self._scene.common.patterns["fact_work"].search(plain(each))]
        return [*by_work, *by_trade, *facts]

    def _year(self) -> Iterable[str]:
        return self._filled("card_year", year=self._card.year) if self._card.year else []

    def _about(self) -> Iterable[str]:
        facts = self._fresh_facts()
        if not self._card.full_name:
            return facts
        occasion = "card_about" if self._card.job else "card_name"
        short, *_others = self._filled(occasion, name=self._card.full_name, job=self._card.job)
        spared = [self._scene.common.patterns[f"fact_{kind}"] for kind in SPARED]
        further = [each for each in facts if not any(pattern.search(plain(each)) for pattern in spared)]
        further = [each for each in further if not self._card.job or self._card.job not in each]
        return [" ".join([short, *further[:1]]), *further] if further or self._card.job else []

    def _dear(self) -> Iterable[str]:
        """Answers about those close to the character, who are asked about by what they are or by a collective word."""
        asked = self._asked_for()
        named = [(what, name) for what, name in self._card.dear if plain(what) in asked]
        dear = self._scene.common.joined([f"{what} {name}" for what, name in named][:MOST_DEAR])
        told = self._filled("card_dear", dear=dear, dear_name=named[0][1]) if named else []
        if self._scene.common.patterns["card_what_name"].search(self._scene.plain):
            told.reverse()
        facts = [each for each in self._fresh_facts() if asked & self._telling(each) and "Я —" not in each]
        if not self._scene.common.patterns["card_has"].search(self._scene.plain):  # «Скучаешь по деду?» presumes him
            return [*facts, *told]
        return [*told, *facts]

    def _asked_for(self) -> frozenset[str]:
        patterns, heard = self._scene.common.patterns, self._telling(self._scene.text)
        groups = [group for name, group in GROUPS.items() if patterns[f"card_{name}"].search(self._scene.plain)]
        groups += [group for group in MEANT_TOGETHER if heard & group]
        if self._scene.language == "en":
            return heard.union(
                *(ENGLISH_GROUPS[name] for name in GROUPS if patterns[f"card_{name}"].search(self._scene.plain))
            )
        return frozenset((heard & DEAR).union(*groups))

    def _likes(self) -> Iterable[str]:
        interests = [each for each in self._scene.persona.interests if 0 < len(each) <= LONGEST_INTEREST]
        if self._scene.language == "en":
            interests = [each for each in interests if not re.search("[а-яё]", each, re.IGNORECASE)]
            told = [f"I love {each}." for each in interests]
        else:
            forms = [words.phrase_in(words.ACCUSATIVE, each) for each in interests]
            told = [f"Люблю {each}." for each in forms if each]
        return [*self._with("likes"), *told]

    def _with(self, kind: str) -> list[str]:
        """The facts that a question of this kind is about."""
        pattern = self._scene.common.patterns[f"fact_{kind}"]
        facts = [clause for each in self._card.facts for clause in self._clauses(each) if pattern.search(plain(clause))]
        return [each for each in facts if self._scene.said.is_fresh(each)]

    def _clauses(self, fact: str) -> list[str]:
        return words.clauses(fact) if self._scene.language == "ru" else [fact]

    def _fresh_facts(self) -> list[str]:
        return [each for each in self._card.facts if self._scene.said.is_fresh(each)]

    def _filled(self, occasion: str, **known: str) -> list[str]:
        return [self._scene.worded(each, **known) for each in self._lines[occasion]]

    def _by_example(self) -> str:
        heard = _bare_words(self._scene.text)
        for asked, answer in self._card.examples:
            like = _bare_words(asked)
            shared = len(heard & like) / max(1, len(heard | like))
            if shared >= ALIKE and self._scene.said.is_fresh(said := self._scene.worded(answer)):
                return said
        return ""

    def _telling(self, text: str) -> frozenset[str]:
        if self._scene.language == "ru":
            return words.lemmas(text[:2_000])
        found = re.findall(r"[a-z']{3,}", plain(text))
        return frozenset(each.removesuffix("s") for each in found if each not in COMMON_ENGLISH)


def _lowered(question: str) -> str:
    """The question as the middle of a sentence; a name and «I» stay as they are."""
    first = question.split(maxsplit=1)[0]
    is_name = first == "I" or first.startswith("I'") or (first.isalpha() and words.is_name(first))
    return question if is_name else question[:1].lower() + question[1:]


def _bare_words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", plain(text)))
