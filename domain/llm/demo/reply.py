"""Demo model, the reply: tries its ways to answer, and takes the first that fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from zlib import crc32

from domain.llm.demo.address import INFORMAL, proposed
from domain.llm.demo.card_answers import CardAnswers
from domain.llm.demo.knowledge import answer_from_lore
from domain.llm.demo.recollection import recollection
from domain.llm.demo.repertoire import Entry, Story, bare, plain, stems
from domain.llm.demo.scene import Scene, name_given
from domain.llm.demo.sentences import Said

FEW_WORDS = 4
"""Maximum words of a follow-up («почему?», «а что было дальше?»), and of a message on a topic in `IN_COMPANY`."""
ALIKE = 0.66
"""Minimum share of words that a message and an example have in common to count as the same (Jaccard index)."""
EMPTY_HANDED = 3
"""Number of replies in a row that were no answer, the last of which also says why."""
ITEMS = 3
IN_COMPANY = frozenset({"joke", "thanks", "farewell", "praise", "insult", "hello"})
WITH_A_QUESTION = frozenset({"hello", "how", "doing", "glad", "no", "short", "opinion", "who", "surprise"})
"""Topics after which the character mostly asks something of its own, unless its line ends with a question."""


class Reply:
    """`attempt` counts the replies that the same conversation has had already, from which this one is to differ."""

    def __init__(self, scene: Scene, attempt: int) -> None:
        self._scene = scene
        self._own = scene.repertoire
        self._shared = scene.common.repertoire
        self._attempt = attempt
        self._seed = crc32(f"{scene.persona.name}|{scene.text}".encode()) + len(scene.replies) + attempt
        self._card = None if scene.has_own else CardAnswers(scene)

    def text(self) -> str:
        ways: tuple[Callable[[], str], ...] = (
            self._crisis,
            self._honest_about_itself,
            self._followed_up,
            self._by_example,
            self._recollected,
            self._in_company,
            self._named_story,
            self._answered,
            self._honest_about_being,
            self._agreed_form_of_address,
            self._about_names,
            lambda: answer_from_lore(self._scene),
            self._from_the_card,
            self._on_the_topic,
            self._nearly_answered,
            self._near_the_card,
            self._from_the_card_again,
            self._in_general,
        )
        return next(filter(None, (way() for way in ways)), "") or self._empty_handed()

    def going_on(self) -> str:
        """The continuation of a line that was said to its end: what belongs to it, else something further."""
        return self._next_part() or self._more() or self._told() or self._question() or self._any_of("told")

    def _crisis(self) -> str:
        return self._any_of("crisis") if self._is("crisis") else ""

    def _honest_about_itself(self) -> str:
        return self._truth() if self._is("bot") else ""

    def _honest_about_being(self) -> str:
        """«Ты живой?» may be a question to the character: it has the first word."""
        return self._truth() if self._is("being") else ""

    def _truth(self) -> str:
        in_its_voice = self._pick_from([self._scene.common.honest.get(self._scene.persona.starter, "")])
        return self._with_question(f"{in_its_voice} {self._any_of('bot')}".strip())

    def _recollected(self) -> str:
        """The answer to a question whether something that the person told about themselves is remembered."""
        told = recollection(self._scene)
        return f"{self._pick('recalled')} {told}".strip() if told else self._any_of("forgot") if told == "" else ""

    def _agreed_form_of_address(self) -> str:
        form = proposed(self._scene.plain)
        return self._with_question(self._pick("to_informal" if form == INFORMAL else "to_formal")) if form else ""

    def _about_names(self) -> str:
        if self._is("your_name"):
            return self._any_of("your_name" if self._scene.person else "your_name_not")
        if name_given(self._scene.text, self._scene.common):
            return self._with_question(self._pick("named"))
        return ""

    def _followed_up(self) -> str:
        if len(self._scene.plain.split()) > FEW_WORDS or not self._is("follow_up"):
            return ""
        return self._next_part() or self._more()

    def _by_example(self) -> str:
        words = bare(self._scene.plain)
        entries = (*self._entries(), *self._own.remarks) if self._scene.has_own else ()
        return self._of_an_entry(each for each in entries if words in each.examples)

    def _in_company(self) -> str:
        """The answer to a few words that mean the same to everybody: «Ты классный» is not about a class."""
        if len(self._scene.plain.split()) > FEW_WORDS or self._scene.topic not in IN_COMPANY:
            return ""
        return self._on_the_topic()

    def _answered(self) -> str:
        return self._of_an_entry(each for each in self._entries() if each.is_meant(self._scene.plain))

    def _nearly_answered(self) -> str:
        """By the entry with an example that says almost the same."""
        heard = stems(self._scene.plain)
        best = max(self._entries(), key=lambda each: each.likeness(heard), default=None)
        return self._of_an_entry([best]) if best and best.likeness(heard) >= ALIKE else ""

    def _in_general(self) -> str:
        """The answer that anybody would give to a common question, for characters without a repertoire."""
        if self._card is None or not self._scene.asks:
            return ""
        meant = next((each for each in self._shared.answers if each.is_meant(self._scene.plain)), None)
        if meant is None:
            return ""
        own = self._card.by_what_one_does(self._attempt) if meant.is_vague else ""
        return own or self._of_an_entry([meant])

    def _entries(self) -> Sequence[Entry]:
        """The entries of its own repertoire: answers first if the message is a wish, remarks first if a statement.

        A question is never answered by a remark, whatever word of one is in it.
        """
        if not self._scene.has_own:
            return ()
        answers, remarks = self._own.answers, self._own.remarks
        if self._scene.is_question:
            return answers
        return (*answers, *remarks) if self._scene.asks else (*remarks, *answers)

    def _of_an_entry(self, meant_ones: Iterable[Entry]) -> str:
        meant = next(iter(meant_ones), None)
        if meant is None:
            return ""
        fresh = self._fresh(meant.lines)
        if self._card:  # all cards share these lines, each in an order of its own
            fresh = self._rotated(fresh, self._scene.persona.name)
        if fresh:
            return self._worded(fresh[self._attempt % len(fresh)])
        return self._with_question(self._pick("again") if self._card else self._pick("asked"))

    def _from_the_card(self) -> str:
        return self._card.to_the_point(self._attempt) if self._card else ""

    def _near_the_card(self) -> str:
        return self._card.near(self._attempt) if self._card else ""

    def _from_the_card_again(self) -> str:
        """A fact told already is a better answer than none, once, unless the person has just asked the same."""
        if self._card is None or not self._scene.is_question:
            return ""
        is_insisted_on = plain(self._scene.earlier[-1] if self._scene.earlier else "") == self._scene.plain
        replies = self._scene.replies
        twice_told = [each for place, each in enumerate(replies) if each in replies[:place]]
        said = Said([*twice_told, *(replies[-1:] if is_insisted_on else ())])
        again = CardAnswers(replace(self._scene, said=said))
        return again.to_the_point(self._attempt) or again.near(self._attempt)

    def _on_the_topic(self) -> str:
        topic = self._scene.topic
        if topic in {"glad", "worry"} and self._scene.asks and self._is("of_you"):  # «Ты счастлива?» is no news
            return ""
        if topic == "story":
            return self._story()
        if topic == "list":
            return self._list()
        if topic == "yes" and (part := self._next_part()):
            return part
        line = self._pick(topic) if topic else ""
        return self._with_question(line) if topic in WITH_A_QUESTION and self._seed % 3 else line

    def _empty_handed(self) -> str:
        line = self._pick("asked") if self._scene.asks else self._told()
        reply = self._led_back(line or self._pick("told") or self._pick("asked"))
        reply = reply or self._oldest("asked" if self._scene.asks else "told")
        if len(self._scene.replies) + 1 < EMPTY_HANDED or not self._were_empty_handed(EMPTY_HANDED - 1):
            return reply
        is_said = any(map(self._scene.said.has_of, self._shared.lines["honest"]))
        return reply if is_said else f"{reply}\n\n{self._pick('honest')}"

    def _told(self) -> str:
        """A reaction to a statement, by a word of it if possible."""
        by_a_word = self._card.on_a_word(self._seed) if self._card and self._seed % 2 == 0 else ""
        return by_a_word or self._pick("told")

    def _were_empty_handed(self, count: int) -> bool:
        empty = (*self._own.lines["told"], *self._own.lines["asked"], *self._own.lines.get("word", ()))
        latest = [Said([reply]) for reply in self._scene.replies[-count:]]
        return all(any(said.has_of(line) for line in empty) for said in latest)

    def _story(self) -> str:
        named = [story for story in self._own.stories if story.name and story.name in self._scene.plain]
        stories = [*self._own.stories]
        if self._card:
            first = crc32(self._scene.persona.name.encode()) % len(stories)
            stories = stories[first:] + stories[:first]
        for story in (*named, *stories):
            if fresh := self._fresh(story.parts):
                return self._worded(fresh[0])
        return self._pick_from([line for story in self._own.stories for line in story.after])

    def _named_story(self) -> str:
        """«А про валенок?» is no question about felt boots to a character who has a tale of one."""
        if not self._is("of_a_story") or not any(
            each.name and each.name in self._scene.plain for each in self._own.stories
        ):
            return ""
        return self._story()

    def _next_part(self) -> str:
        """The next part of the story told last, if that was in one of the last two replies."""
        story = self._story_of(self._scene.replies[-2:])
        if story is None:
            return ""
        fresh = self._fresh(story.parts)
        return self._worded(fresh[0]) if fresh else self._pick_from(story.after)

    def _story_of(self, replies: Sequence[str]) -> Story | None:
        latest = Said(replies)
        return next((story for story in self._own.stories if any(map(latest.has_of, story.parts))), None)

    def _more(self) -> str:
        """A further line of the entry that answered last."""
        latest = Said(self._scene.replies[-1:])
        for entry in (*self._own.answers, *self._own.remarks):
            if any(map(latest.has_of, entry.lines)):
                fresh = self._fresh(entry.more if self._card else (*entry.more, *entry.say))
                return self._worded(fresh[0]) if fresh else ""
        return ""

    def _list(self) -> str:
        items = self._rotated(self._fresh(self._own.lines["advice"]), "advice")[:ITEMS]
        return "\n".join(f"- {self._worded(each)}" for each in items) or self._pick("asked")

    def _with_question(self, line: str) -> str:
        question = "" if not line or line.rstrip("*»”").endswith("?") else self._question()
        return f"{line} {question}" if question else line

    def _led_back(self, line: str) -> str:
        """If it cannot answer, a character without a repertoire asks what it greeted with, not «Море или горы?»."""
        if self._card is None or not self._scene.asks:
            return self._with_question(line)
        return f"{line} {self._pick_from(self._card.questions())}".strip()

    def _question(self) -> str:
        own = self._card.questions() if self._card else ()
        return self._pick_from([*own, *self._own.questions])

    def _pick(self, occasion: str) -> str:
        return self._pick_from(self._lines(occasion))

    def _pick_from(self, lines: Sequence[str]) -> str:
        fresh = self._rotated(self._fresh(lines), "")
        return self._worded(fresh[0]) if fresh else ""

    def _any_of(self, occasion: str) -> str:
        """A line for the occasion, repeated if all have been said."""
        return self._pick(occasion) or self._oldest(occasion)

    def _oldest(self, occasion: str) -> str:
        lines = [each for each in self._lines(occasion) if self._can_say(each)]
        return self._worded(min(lines, key=self._last_said))

    def _last_said(self, line: str) -> int:
        replies = self._scene.replies
        return max((place for place, reply in enumerate(replies) if Said([reply]).has_of(line)), default=-1)

    def _lines(self, occasion: str) -> Sequence[str]:
        return self._own.lines.get(occasion) or self._shared.lines.get(occasion, ())

    def _fresh(self, lines: Sequence[str]) -> list[str]:
        return [each for each in lines if self._can_say(each) and self._scene.said.is_fresh(each)]

    def _can_say(self, line: str) -> bool:
        return not (
            ("{person}" in line and not self._scene.person) or ("{name}" in line and not self._scene.persona.name)
        )

    def _rotated(self, lines: list[str], kind: str) -> list[str]:
        start = (self._seed + crc32(kind.encode())) % max(1, len(lines))
        return lines[start:] + lines[:start]

    def _worded(self, line: str) -> str:
        return self._scene.worded(line)

    def _is(self, pattern: str) -> bool:
        return bool(self._scene.common.patterns[pattern].search(self._scene.plain))
