"""Sample data, biographies: what users do, and what can be said of anybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from domain.sample_data.names import FOLDER

TRAITS = (
    "[спокойный|спокойная]",
    "[внимательный|внимательная]",
    "[ироничный|ироничная]",
    "[упрямый|упрямая]",
    "[щедрый|щедрая]",
    "[мечтательный|мечтательная]",
    "[прямой|прямая]",
    "[осторожный|осторожная]",
    "[весёлый|весёлая]",
    "[рассудительный|рассудительная]",
    "[застенчивый|застенчивая]",
    "[азартный|азартная]",
    "[терпеливый|терпеливая]",
    "[любопытный|любопытная]",
    "[сдержанный|сдержанная]",
    "[отзывчивый|отзывчивая]",
)
PASTS = (
    "В детстве [хотел|хотела] стать водолазом и до сих пор умеет надолго задерживать дыхание.",
    "Дважды [переезжал|переезжала] и оба раза [возвращался|возвращалась].",
    "[Учился|Училась] на инженера, но [бросил|бросила] за месяц до диплома и не жалеет.",
    "Однажды [выиграл|выиграла] в лотерею велосипед и [подарил|подарила] его почтальону.",
    "[Вырос|Выросла] в большой семье и не умеет есть в одиночестве.",
    "Год [провёл|провела] на севере и [привёз|привезла] оттуда привычку не жаловаться на погоду.",
    "Когда-то [пел|пела] в хоре, и это слышно, стоит начать спор.",
    "[Пережил|Пережила] большое разочарование и рассказывает о нём как о смешном случае.",
    "Первую работу [потерял|потеряла] за честность, вторую за неё же [получил|получила].",
    "Пять лет [вёл|вела] дневник, а потом [отдал|отдала] его другу на хранение.",
)
HABITS = (
    "По вечерам играет в шахматы с соседом и почти всегда проигрывает.",
    "Собирает пуговицы, потерянные чужими пальто.",
    "Варит кофе так крепко, что гости запоминают.",
    "Отвечает на письма в тот же день и сердится, если не отвечают другим.",
    "Знает по имени всех дворовых собак в округе.",
    "Читает вывески справа налево и находит в них смысл.",
    "Никогда не опаздывает и не понимает, как это делают остальные.",
    "Хранит все билеты, по которым было хорошо ехать.",
    "Подпевает радио, но только если никто не слышит.",
    "Не терпит громких слов и сквозняков.",
    "Раз в год уезжает без телефона и возвращается с новой историей.",
    "Помнит дни рождения всех, с кем хоть раз довелось пить чай.",
)
SPEECH = (
    "говори коротко и точно, с тёплой иронией",
    "говори неторопливо, любишь сравнения из своего дела",
    "говори живо, перебивай себя новыми мыслями",
    "говори мягко, чаще спрашивай, чем утверждай",
    "говори образно, вставляй короткие действия *курсивом*",
)
WELCOMES = (
    "*{name} поднимает голову и улыбается.*\n\n— {saying} С чем пожаловали?",
    "*За окном темнеет, на столе горит лампа.*\n\n— Проходите, не стойте на пороге. {saying}",
    "— {saying}\n\n*{name} кивает на свободный стул.*\n\n— А теперь рассказывайте вы.",
    "*{name} откладывает работу и смотрит с любопытством.*\n\n— Мы ведь раньше не встречались? {saying}",
    "— Вот и вы. {saying} Меня зовут {name}, а вас?",
)


@dataclass(frozen=True)
class Trade:
    """An occupation. `he` and `she` name it; `where` follows «работает», `does` a name."""

    he: str
    she: str
    where: str
    does: str
    saying: str
    interests: tuple[str, ...]


@dataclass(frozen=True)
class Being:
    """A being that is neither man nor woman; grammatically masculine."""

    names: tuple[str, ...]
    trade: Trade


@cache
def trades() -> tuple[Trade, ...]:
    found = []
    for who, does, saying, interests in _blocks("trades.txt"):
        he, she, where = _parts(who, "|")
        found.append(Trade(he, she, where, does, saying, _parts(interests, ",")))
    return tuple(found)


@cache
def beings() -> tuple[Being, ...]:
    found = []
    for who, does, saying, interests in _blocks("beings.txt"):
        names, what, where = _parts(who, "|")
        found.append(Being(_parts(names, ","), Trade(what, what, where, does, saying, _parts(interests, ","))))
    return tuple(found)


def _blocks(file: str) -> Iterator[list[str]]:
    text = (FOLDER / file).read_text("utf-8")
    for block in text.split("\n\n"):
        if lines := [line for line in block.splitlines() if line and not line.startswith("#")]:
            yield lines


def _parts(line: str, sign: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in line.split(sign))
