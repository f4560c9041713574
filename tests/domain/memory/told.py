"""Test data: a talk with its true facts, and a seeded generator of what a model might invent."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from domain.llm.port import Role
from domain.memory.facts.fact_belief import NumberedMessage, Speakers

CARD = (
    "Ты — Аглая Ветрова, хозяйка букинистической лавки у Чистых прудов. С тобой живёт серая кошка Опечатка. "
    "Отвечай двумя–шестью предложениями. Говори на «вы», пока собеседник не предложит «ты»."
)
SPEAKERS = Speakers("Аглая Ветрова", "Илья", CARD)


@dataclass(frozen=True)
class Turn:
    """A message, its reply, and the facts that a careful reader takes from either."""

    said: str
    answered: str
    facts: tuple[str, ...]
    of_the_answer: tuple[str, ...] = ()


TURNS = (
    Turn(
        "Добрый вечер! Я живу в Твери, недалеко от вокзала.",
        "Проходите к лампе, тут сухо. Чай сейчас закипит.",
        ("Илья живёт в Твери", "Живёт в Твери недалеко от вокзала", "Собеседник живёт в городе Тверь"),
    ),
    Turn(
        "Я работаю электриком в депо уже двенадцать лет.",
        "Тогда вы знаете, как звенит провод на морозе.",
        ("Илья работает электриком в депо", "Илья — электрик", "Работает в депо 12 лет"),
    ),
    Turn(
        "У меня есть собака Рекс, овчарка, ей четыре года.",
        "Кошка вас за это простит. Не сразу.",
        ("У Ильи есть собака Рекс", "Имеет овчарку по кличке Рекс", "Рексу четыре года"),
    ),
    Turn(
        "Рыбу я терпеть не могу, зато обожаю грибной суп.",
        "Запомню: ни ухи, ни селёдки.",
        ("Илья обожает грибной суп", "Не может терпеть рыбу"),
        ("Аглая запомнит: ни ухи, ни селёдки",),
    ),
    Turn(
        "У меня сильная аллергия на орехи, в детстве чуть не умер.",
        "Обещаю: ореховых пирогов в этой лавке не будет.",
        ("У Ильи аллергия на орехи", "Сильная аллергия на орехи с детства"),
        ("Аглая обещала: ореховых пирогов в лавке не будет",),
    ),
    Turn(
        "Мою жену зовут Марина, мы поженились в 2014 году.",
        "Хорошее имя, морское. Приводите её в субботу, я обещаю найти ей Грина.",
        ("Жену Ильи зовут Марина", "Илья женат на Марине с 2014 года", "Поженились в 2014 году"),
        ("Аглая обещала найти Марине Грина", "Аглая пообещала найти Грина в субботу"),
    ),
    Turn(
        "Нашей дочке Соне восемь лет, она занимается фехтованием.",
        "Фехтование — это разговор, только короткий.",
        ("Дочке Ильи Соне восемь лет", "Дочка Соня занимается фехтованием", "У Ильи есть дочка Соня, ей 8 лет"),
    ),
    Turn(
        "Я боюсь высоты, даже на стремянку лезу через силу.",
        "Электрик, который боится высоты! Моя сестра Ольга боится бумаги, а живёт в Казани.",
        ("Илья боится высоты", "Боится высоты, на стремянку лезет через силу"),
        ("Сестра Аглаи Ольга живёт в Казани",),
    ),
    Turn(
        "В субботу мы договорились встретиться у памятника Грибоедову.",
        "В субботу, у Грибоедова. Я приду с зонтом.",
        ("Договорились встретиться в субботу у памятника Грибоедову", "Встреча в субботу у памятника Грибоедову"),
        ("Аглая придёт с зонтом в субботу",),
    ),
    Turn(
        "Вчера купил старый «Москвич», буду чинить его сам.",
        "Корешок у него железный, но подклеить можно.",
        ("Илья купил старый «Москвич»", "Купил «Москвич» и будет чинить его сам"),
    ),
    Turn(
        "Мой отец умер весной, я до сих пор храню его часы.",
        "Мне жаль. Часы пусть идут: они теперь считают за двоих.",
        ("Отец Ильи умер весной", "Илья хранит часы отца"),
    ),
    Turn(
        "Я не пью кофе, только зелёный чай без сахара.",
        "Зелёный у меня в жестянке с парусником.",
        ("Илья не пьёт кофе", "Илья пьёт зелёный чай без сахара"),
    ),
    Turn(
        "Мы переехали из Ржева, когда мне было десять.",
        "Ржев пахнет яблоками и железом, я помню.",
        ("Переехали из Ржева", "Илья переехал из Ржева, когда ему было десять"),
    ),
    Turn(
        "Сестру зовут Лена, она врач в областной больнице.",
        "Передайте ей поклон от кошки.",
        ("Сестру Ильи зовут Лена", "Сестра Лена — врач в областной больнице"),
    ),
    Turn(
        "По вечерам учу испанский, хочу поехать в Севилью.",
        "Возьмите Лорку. Он короткий и сразу про всё.",
        ("Илья учит испанский по вечерам", "Хочет поехать в Севилью"),
    ),
    Turn(
        "День рождения у меня 17 марта, мне будет 34.",
        "Семнадцатое марта. Запишу карандашом на форзаце.",
        ("День рождения Ильи 17 марта", "17 марта Илье будет 34"),
    ),
    Turn(
        "Люблю стихи Бродского, особенно ранние.",
        "Ранние — как неразрезанная книга.",
        ("Илья любит стихи Бродского", "Любит ранние стихи Бродского"),
    ),
    Turn(
        "А у вас есть брат? Вы ведь замужем?",
        "Брата нет, а муж мой был картограф, его звали Пётр.",
        (),
        ("Муж Аглаи был картограф, его звали Пётр", "У Аглаи нет брата"),
    ),
    Turn(
        "I also speak some English: I lived in Leeds for two years.",
        "Leeds! I promise to lend you Dickens in the original.",
        ("Lived in Leeds for two years", "Speaks some English"),
        ("Promised to lend Dickens in the original",),
    ),
)

STRANGERS = ("Олег", "Жанна", "Виктор", "Тимофей", "Снежана", "Аркадий", "Джон Доу", "Клавдия")
ELSEWHERE = ("Воронеж", "Париж", "Мурманск", "Ташкент", "Сочи")
TRADES = ("хирургом", "пожарным", "бухгалтером", "лётчиком", "поваром", "водолазом")
THINGS = ("яхту", "ферму", "попугая", "мотоцикл", "гитару", "коллекцию марок", "вертолёт")
ILLS = ("мигрень", "диабет", "астма", "бессонница", "подагра")
TASTES = ("оперу", "боулинг", "устрицы", "караоке", "шахматы", "гольф")


def messages() -> list[NumberedMessage]:
    spoken = [
        (role, text) for each in TURNS for role, text in ((Role.USER, each.said), (Role.ASSISTANT, each.answered))
    ]
    return [NumberedMessage(at, 1_000 + at, role, text) for at, (role, text) in enumerate(spoken, 1)]


def true_lines() -> list[str]:
    """Each fact, after the number of the message that it was taken from."""
    lines = []
    for at, turn in enumerate(TURNS):
        lines += [f"[{2 * at + 1}] {fact}" for fact in turn.facts]
        lines += [f"[{2 * at + 2}] {fact}" for fact in turn.of_the_answer]
    return lines


def inventions(count: int, seed: int) -> list[str]:
    """So many different lines, none of which the talk bears out."""
    random = Random(seed)
    made: dict[str, None] = {}
    while len(made) < count:
        made[random.choice(KINDS)(random)] = None
    return list(made)


def _some_number(random: Random) -> int:
    return random.randrange(1, 2 * len(TURNS) + 1)


def _stranger(random: Random) -> str:
    who, kin = random.choice(STRANGERS), random.choice(("брат", "сосед", "начальник", "друг", "сын", "кот"))
    return f"[{_some_number(random)}] У Ильи есть {kin} {who} | {kin}, {who.lower()}"


def _renamed(random: Random) -> str:
    """A true fact with somebody else's name in it."""
    line = random.choice(
        [each for each in true_lines() if any(name in each for name in ("Рекс", "Марин", "Сон", "Лен"))]
    )
    for name in ("Рексу", "Рекс", "Марине", "Марина", "Соне", "Соня", "Лена"):
        line = line.replace(name, random.choice(STRANGERS))
    return line


def _renumbered(random: Random) -> str:
    fact, right = random.choice(
        (
            ("[5] Рексу {} лет", 4),
            ("[3] Работает в депо {} лет", 12),
            ("[13] Дочке Соне {} лет", 8),
            ("[31] День рождения Ильи {} марта", 17),
            ("[31] 17 марта Илье будет {}", 34),
            ("[11] Поженились в {} году", 2014),
            ("[25] Илья переехал из Ржева в {} лет", 10),
            ("[37] Lived in Leeds for {} years", 2),
        )
    )
    return fact.format(random.choice([each for each in (*range(20, 60), 1999, 2020) if each not in {right, 34}]))


def _elsewhere(random: Random) -> str:
    where, what = (
        random.choice(ELSEWHERE),
        random.choice(("живёт в городе", "родился в городе", "уехал в город", "скучает по городу")),
    )
    return f"[{_some_number(random)}] Илья {what} {where}"


def _another_trade(random: Random) -> str:
    return f"[{random.choice((3, 4, _some_number(random)))}] Илья работает {random.choice(TRADES)} | работа"


def _another_thing(random: Random) -> str:
    verb = random.choice(("купил", "продал", "мечтает купить", "получил в подарок", "держит"))
    return f"[{random.choice((5, 19, _some_number(random)))}] Илья {verb} {random.choice(THINGS)}"


def _another_ill(random: Random) -> str:
    return f"[{random.choice((9, 21, _some_number(random)))}] У Ильи {random.choice(ILLS)} с детства"


def _another_taste(random: Random) -> str:
    verb = random.choice(("любит", "не любит", "обожает", "боится пропустить"))
    return f"[{random.choice((7, 33, _some_number(random)))}] Илья {verb} {random.choice(TASTES)}"


def _turned_round(random: Random) -> str:
    return random.choice(
        (
            "[7] Илья обожает рыбу",
            "[7] Илья терпеть не может грибной суп",
            "[15] Илья не боится высоты",
            "[23] Илья пьёт кофе",
            "[23] Илья не пьёт зелёный чай",
            "[33] Илья не любит стихи Бродского",
            "[19] Илья не купил «Москвич»",
            "[29] Илья не хочет поехать в Севилью",
            "[9] У Ильи нет аллергии на орехи",
            "[36] У Аглаи есть брат",
        )
    ) + random.choice(("", " | слова", " | память", ".", " (вместо Ф1)"))


def _cited_wrongly(random: Random) -> str:
    """A true fact, after the number of a message far away, or of none."""
    line = random.choice(true_lines())
    number, fact = int(line[1 : line.index("]")]), line[line.index("]") + 2 :]
    far = [each for each in range(1, 2 * len(TURNS) + 40) if abs(each - number) > 1 and not _tells(each, fact)]
    return f"[{random.choice(far)}] {fact}"


def _tells(number: int, fact: str) -> bool:
    """Whether the message tells the fact as well: two turns tell of the sister, the Saturday and the trade."""
    about = {"суббот": (11, 12, 17, 18), "электрик": (3, 16), "сестр": (16, 27), "высот": (15, 16)}
    return any(word in fact.lower() and number in range(min(at) - 1, max(at) + 2) for word, at in about.items())


def _of_the_prompt(random: Random) -> str:
    fact = random.choice(
        (
            "Аглая — хозяйка букинистической лавки у Чистых прудов",
            "С Аглаей живёт серая кошка Опечатка",
            "Персонаж отвечает двумя–шестью предложениями",
            "Говорить на «вы», пока собеседник не предложит «ты»",
            "Это записи, а не указания",
            "Память о разговоре хранится дословно",
        )
    )
    return f"[{_some_number(random)}] {fact}"


def _put_into_the_persons_mouth(random: Random) -> str:
    """A fact about the person that only the character said or asked."""
    return random.choice(
        (
            "[4] Илья знает, как звенит провод на морозе",
            "[30] Илья возьмёт Лорку",
            "[26] Собеседник помнит, что Ржев пахнет яблоками",
            "[35] У Ильи есть брат",
            "[35] Илья замужем",
            "[12] Илья обещал привести Марину",
            "[24] Зелёный чай Ильи в жестянке с парусником",
            "[2] Илья прошёл к лампе",
        )
    ) + random.choice(("", " | слова", " | чай", "."))


def _misshapen(random: Random) -> str:
    return random.choice(
        (
            f"[{_some_number(random)}] да",
            f"[{_some_number(random)}] Илья?",
            f"[{_some_number(random)}] "
            + "Илья живёт в Твери, работает в депо и хранит часы отца. " * random.randrange(5, 9),
            f"Илья живёт в городе {random.choice(ELSEWHERE)}",
            f"[{random.randrange(100, 999)}] Илья живёт в Твери",
            f"[{_some_number(random)}] Живёт ли Илья в городе {random.choice(ELSEWHERE)}?",
        )
    )


KINDS = (
    *(_stranger, _renamed, _renumbered, _elsewhere, _another_trade, _another_thing, _another_ill, _another_taste),
    *(_turned_round, _cited_wrongly, _of_the_prompt, _put_into_the_persons_mouth, _misshapen),
)
