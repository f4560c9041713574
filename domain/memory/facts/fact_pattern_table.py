"""Fact pattern table: how people say, in Russian and in English, who they are, where they live, what they love and
what they fear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

OBJECT = r"[^,;:()!?…\n]"
OFTEN = r"(?:(?:сейчас|теперь|давно|уже|всего|тоже|очень|просто|ещё|еще|сама|сам|до сих пор|всю жизнь|один|одна) )*"
OFTEN_ENGLISH = r"(?:(?:now|still|really|also|currently|actually|just|absolutely) )*"
NUMBER = r"\d{1,3}|[а-яё]+(?:дцать|надцать|сорок|десят|сто)(?: [а-яё]+)?|сорок(?: [а-яё]+)?"
DEAR = (
    r"(?:(?:\w+(?:ая|яя|ый|ий|ой|ое|ее|ие|ые)|дв[ае]|двое|трое|три|четверо|пять|одна|один) ){0,2}"
    r"(?:кот|кошка|котёнок|котенок|котик|пёс|пес|собака|щенок|попугай|хомяк|крыса|кролик|черепаха|рыбки|лошадь|конь|корова|коза|сын|сына"
    r"|дочь|дочка|дочки|дочери|дети|детей|ребёнок|ребенок|брат|брата|сестра|сестры|муж|жена|внук|внучка|внуки|невеста"
    r"|жених|бабушка|дедушка|двойняшки|близнецы|собаки|кошки|коты|кота)\b"
)
NO_POSSESSION = (
    r"(?:вопрос|иде|врем|минут|предложен|просьб|ощущен|чувств|мысл|план|шанс|пара|пару|кое|что|чем|нескольк"
    r"|одн\w+ вопрос|больш\w+ (?:вопрос|просьб)|сомнен|желан|повод|причин|проблем|надежд|полчаса|час|немного"
    r"|много|вс[её])\w*"
)
TRADES = (
    r"(?:врач|хирург|медсестра|медбрат|учитель|учительница|преподаватель|электрик|программист|программистка|инженер|повар"
    r"|водитель|таксист|бухгалтер|юрист|адвокат|художник|художница|дизайнер|журналист|журналистка|музыкант|строитель"
    r"|столяр|слесарь|сварщик|пожарный|лётчик|летчик|моряк|актёр|актер|актриса|писатель|писательница|библиотекарь|продавец"
    r"|парикмахер|официант|официантка|студент|студентка|школьник|школьница|пенсионер|пенсионерка|архитектор|биолог|химик"
    r"|физик|психолог|фотограф|переводчик|переводчица|ветеринар|фермер|экономист|менеджер)"
)
ENGLISH_TRADES = (
    r"(?:doctor|surgeon|nurse|teacher|electrician|programmer|developer|engineer|cook|chef|driver|accountant|lawyer"
    r"|artist|designer|journalist|musician|builder|carpenter|plumber|firefighter|pilot|sailor|actor|actress|writer"
    r"|librarian|student|architect|biologist|chemist|physicist|psychologist|photographer|translator|vet|farmer|waiter"
    r"|waitress|hairdresser)"
)
ENGLISH_DEAR = (
    r"(?:dog|dogs|cat|cats|puppy|kitten|parrot|hamster|rabbit|horse|son|sons|daughter|daughters|kids|children|child"
    r"|brother|brothers|sister|sisters|husband|wife|twins|grandson|granddaughter)"
)


@dataclass(frozen=True)
class Pattern:
    """`wording` is that of the fact, a format string filled with the groups of `said`. If `only_one`, a newer fact
    replaces an older one of the same kind: one worded alike or, if `kind` is given, one that matches that expression.
    `verb` is nonzero if the first group is a verb in the first person.
    """

    expression: str
    wording: str
    keys: str
    only_one: bool = False
    verb: int = 0
    is_name: bool = False
    """Whether the last group is somebody's name."""
    kind: str = ""
    is_end: bool = False
    """Whether the fact counts only if it ends a known one: «не боюсь высоты» out of the blue says little."""

    @cached_property
    def said(self) -> re.Pattern[str]:
        """Compiled on first use, which happens in a thread: compiling all patterns takes 10 ms."""
        return re.compile(self.expression, re.IGNORECASE)


def _pattern(
    said: str, wording: str, keys: str, *, only_one: bool = False, verb: int = 0, is_name: bool = False, kind: str = ""
) -> Pattern:
    return Pattern(said, wording, keys, only_one, verb, is_name, kind)


def _end(said: str, wording: str, keys: str, *, verb: int = 0) -> Pattern:
    return Pattern(said, wording, keys, verb=verb, is_end=True)


PATTERNS = (
    _pattern(
        r"(?:меня зовут|зови(?:те)? меня|мо[её] имя)[\s:—–-]+(?!не\b|как\b|пока\b|так\b)([А-ЯЁ][а-яё-]{1,20})",
        *("Собеседника зовут {0}", "имя, звать"),
        only_one=True,
        is_name=True,
    ),
    _pattern(
        rf"\bмне {OFTEN}({NUMBER}) (лет|год|года)\b(?! назад)",
        "Собеседнику {0} {1}",
        "возраст",
        only_one=True,
        kind="Собеседнику .+ (?:лет|года?)",
    ),
    _pattern(
        rf"(?<!не )\bживу {OFTEN}((?:в|во|на|под|за|у|близ|недалеко от|рядом с) {OBJECT}{{3,60}})",
        *("Собеседник живёт {0}", "дом, город, место"),
        only_one=True,
    ),
    _pattern(
        rf"(?<!не )\bпереехал[аи]? ((?:в|во|на) {OBJECT}{{3,60}})",
        "Собеседник живёт {loct}",
        "дом, город",
        only_one=True,
    ),
    _pattern(
        rf"\b(?:я|родом) (?:сам |сама |родом )?из ((?-i:[А-ЯЁ]){OBJECT}{{2,40}})",
        "Собеседник родом из {0}",
        "город, родина",
    ),
    _pattern(
        rf"(?<!не )\bработаю {OFTEN}(?!над\b|весь|много|допоздна|до\b|без\b|завтра|сегодня|целы)({OBJECT}{{4,60}})",
        *("Собеседник работает {0}", "работа, профессия"),
        only_one=True,
    ),
    _pattern(rf"\bя (?:— |- |по профессии )?({TRADES})\b", "Собеседник по профессии {0}", "работа", only_one=True),
    _pattern(
        rf"(?<!не )\bучусь ((?:на|в|у) {OBJECT}{{3,60}})", "Собеседник учится {0}", "учёба, студент", only_one=True
    ),
    _pattern(
        rf"(?<!не )\b(люблю|обожаю) {OFTEN}(?!тебя|вас\b|тебе|когда|что\b|как\b|его\b|е[её]\b|их\b|это)"
        rf"({OBJECT}{{3,60}})",
        *("Собеседник {verb} {1}", "вкусы, нравится"),
        verb=1,
    ),
    _pattern(rf"\bмне (нравится|нравятся) ({OBJECT}{{3,60}})", "Собеседнику {0} {1}", "вкусы, любит"),
    _pattern(
        rf"(?<!не )\b(увлекаюсь|занимаюсь|коллекционирую) ({OBJECT}{{4,60}})", "Собеседник {verb} {1}", "хобби", verb=1
    ),
    _pattern(
        rf"\bне (люблю|переношу|пью|ем|курю|выношу)(?! тебя| вас\b| когда| что\b| как\b)( {OBJECT}{{3,60}})?",
        *("Собеседник не {verb}{1}", "вкусы, нельзя"),
        verb=1,
    ),
    _end(
        rf"\b(?:(?:больше|уже|теперь|совсем|вовсе|ничуть)(?: уже| совсем)? )?не (боюсь)"
        rf"(?! тебя| вас\b| что\b| когда| за\b)( {OBJECT}{{3,60}})?",
        *("Собеседник не {verb}{1}", "страх"),
        verb=1,
    ),
    _end(
        rf"\b(?:больше|уже|теперь) не (мечтаю|увлекаюсь|занимаюсь|работаю|живу|учусь)( {OBJECT}{{3,60}})?",
        *("Собеседник не {verb}{1}", "вкусы, работа, дом"),
        verb=1,
    ),
    _end(
        rf"\bперестал[аи]? (бояться|любить|мечтать|увлекаться|заниматься|работать|курить|пить|есть)"
        rf"( {OBJECT}{{3,60}})?",
        *("Собеседник не {verb}{1}", "вкусы, страх"),
        verb=1,
    ),
    _pattern(
        rf"\bненавижу (?!тебя|вас\b|когда|что\b)({OBJECT}{{3,60}})", "Собеседник ненавидит {0}", "вкусы, не любит"
    ),
    _pattern(rf"\bтерпеть не могу (?!тебя|вас\b|когда)({OBJECT}{{3,60}})", "Собеседник терпеть не может {0}", "вкусы"),
    _pattern(
        rf"(?<!не )\bбоюсь (?!тебя|вас\b|что\b|за\b|представить)({OBJECT}{{3,60}})", "Собеседник боится {0}", "страх"
    ),
    _pattern(rf"(?<!не )\bмечтаю ({OBJECT}{{4,60}})", "Собеседник мечтает {0}", "мечта, хочет"),
    _pattern(rf"\bаллергия (на {OBJECT}{{3,60}})", "У собеседника аллергия {0}", "здоровье, нельзя"),
    _pattern(
        rf"\bу (?:меня|нас) (?:дома )?(?:есть|живёт|живет) (?!{NO_POSSESSION})({OBJECT}{{3,60}})",
        "У собеседника есть {0}",
        "",
    ),
    _pattern(rf"\bу (?:меня|нас) ({DEAR}{OBJECT}{{0,40}})", "У собеседника есть {0}", ""),
    _pattern(
        rf"\bу (?:меня|нас) (?:дома )?(?:есть |жив[её]т )?({DEAR})[,—– ]+(?:и )?(?:е[её]|его) зовут ([А-ЯЁ][а-яё-]+)",
        *("У собеседника есть {0} {1}", "имя, кличка, звать"),
        is_name=True,
    ),
    _pattern(
        r"\b(?:мою|моего|нашу|нашего|моих|наших) (\w+) зовут ([А-ЯЁ][а-яё-]+(?: и [А-ЯЁ][а-яё-]+)?)",
        *("{0} собеседника зовут {1}", "имя, кличка, звать"),
        only_one=True,
        is_name=True,
    ),
    _pattern(
        r"\bдень рождения (?:у меня )?[—–-]? ?(\d{1,2} \w+)", "День рождения собеседника {0}", "дата", only_one=True
    ),
    _pattern(
        r"\b(?:my name is|call me|my name's) ([A-Z][a-z-]{1,20})", "The person's name is {0}", "name", only_one=True
    ),
    _pattern(
        r"\bI(?:'m| am) (\d{1,3})(?: years old)?(?=[.,!]|$| and)", "The person is {0} years old", "age", only_one=True
    ),
    _pattern(
        rf"\bI {OFTEN_ENGLISH}live ((?:in|on|near|at|by) {OBJECT}{{3,60}})",
        "The person lives {0}",
        "home",
        only_one=True,
    ),
    _pattern(
        rf"\bI(?:'ve| have)? moved (?:to) ({OBJECT}{{3,60}})",
        "The person lives in {0}",
        "home",
        only_one=True,
        kind="The person lives .+",
    ),
    _pattern(rf"\bI(?:'m| am) from ((?-i:[A-Z]){OBJECT}{{2,40}})", "The person is from {0}", "home town"),
    _pattern(
        rf"\bI {OFTEN_ENGLISH}work ((?:as|at|in|for) {OBJECT}{{3,60}})", "The person works {0}", "job", only_one=True
    ),
    _pattern(rf"\bI(?:'m| am) (an? (?:\w+ )?{ENGLISH_TRADES})\b", "The person works as {0}", "job", only_one=True),
    _pattern(
        rf"\bI {OFTEN_ENGLISH}(love|like|adore|enjoy) (?!you\b|it\b|that\b|when\b)({OBJECT}{{3,60}})",
        "The person {0}s {1}",
        "tastes",
    ),
    _pattern(
        rf"\bI (?:don't like|do not like|dislike) (?!you\b|it\b|that\b)({OBJECT}{{3,60}})",
        "The person doesn't like {0}",
        "tastes",
    ),
    _pattern(
        rf"\bI (?:hate|can't stand) (?!you\b|it\b|that\b|when\b)({OBJECT}{{3,60}})", "The person hates {0}", "tastes"
    ),
    _pattern(
        rf"\bI(?:'m| am) (?:afraid|scared|terrified) of (?!you\b)({OBJECT}{{3,60}})",
        "The person is afraid of {0}",
        "fear",
    ),
    _end(
        rf"\bI(?:'m| am) (?:not|no longer) (?:afraid|scared|terrified) of (?!you\b)({OBJECT}{{3,60}})",
        "The person is not afraid of {0}",
        "fear",
    ),
    _pattern(rf"\bI(?:'m| am) (?:\w+ )?allergic (to {OBJECT}{{3,60}})", "The person is allergic {0}", "health"),
    _pattern(
        rf"\bI(?:'ve got| have) ((?:an? |two |three |four )?(?:\w+ )?{ENGLISH_DEAR}\b{OBJECT}{{0,40}})",
        "The person has {0}",
        "",
    ),
    _pattern(
        r"\bmy (\w+)(?:'s name is| is called|'s called) ([A-Z][a-z-]+)",
        "The person's {0} is called {1}",
        "name",
        only_one=True,
    ),
    _pattern(
        rf"\bmy birthday(?:'s| is) (?:on )?({OBJECT}{{4,30}})", "The person's birthday is {0}", "date", only_one=True
    ),
)
