"""Activation: the entries of a book that go into a prompt, by keys, by conditions, within a budget, and why."""

from __future__ import annotations

from typing import Any

import pytest

from domain.books import activation
from domain.books.activation import MOST_LOOKED_THROUGH, CompiledBook
from domain.books.conditions import Circumstances, LeftOut
from domain.books.entry import Place
from domain.books.entry_form import form_of
from domain.books.fired import Outcome
from domain.llm.port import Role

NOW = Circumstances()


def entry(keys: str = "", content: str = "", **more: Any) -> dict[str, Any]:
    """A V3 entry; `keys` as an author types them, separated by commas."""
    names = [key.strip() for key in keys.split(",") if key.strip()]
    usual = {"keys": names, "content": content or f"О: {keys}", "extensions": {}, "enabled": True, "use_regex": False}
    return usual | {"insertion_order": 0} | more


def activate(
    *entries: dict[str, Any], said: tuple[str, ...] = ("Кот спит.",), now: Circumstances = NOW, **book: Any
) -> Outcome:
    return CompiledBook({"entries": list(entries), "extensions": {}} | book).activate(said, now)


def contents(outcome: Outcome) -> list[str]:
    return [each.entry.content for each in outcome.fired]


def test_an_entry_fires_and_says_by_which_key() -> None:
    outcome = activate(entry("пёс, кот", "Кота зовут Тимофей."), entry("море"))
    assert [(each.entry.content, each.because) for each in outcome.fired] == [("Кота зовут Тимофей.", "кот")]


def test_a_book_in_which_everything_names_everything_is_looked_through_to_an_end() -> None:
    long = "Ветер. " * (MOST_LOOKED_THROUGH // 7)
    found = activate(entry("кот", f"О коте и море. {long}"), entry("море", "М"), recursive_scanning=True)
    assert len(contents(found)) == 2
    found = activate(entry("кот", f"О коте. {long} И о море."), entry("море", "М"), recursive_scanning=True)
    assert len(contents(found)) == 1


def test_only_the_last_messages_are_looked_at() -> None:
    said = ("Кот спит.", "Да.", "Нет.", "Может быть.", "Пойдём.")
    assert contents(activate(entry("кот", "К"), said=said)) == []
    assert contents(activate(entry("кот", "К"), said=said, scan_depth=5)) == ["К"]
    assert contents(activate(entry("кот", "К", extensions={"scan_depth": 5}), said=said)) == ["К"]
    assert contents(activate(entry("кот", "@@scan_depth 5\nК"), said=said)) == ["К"]
    assert contents(activate(entry("кот", "К"), said=("Кот спит.",), scan_depth=0)) == []


def test_of_what_is_too_long_to_look_through_the_end_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activation, "MOST_CHARACTERS", 21)
    book = entry("кот", "К"), entry("пёс", "П"), entry("лиса", "Л")
    long = f"Лиса. Пёс. {'Ветер. ' * 5} Кот спит."
    assert contents(activate(*book, said=(long,))) == ["К"]
    assert contents(activate(*book, said=("Лиса и ещё пёс.", "И кот спит. Тихо."))) == ["К", "П"]


@pytest.mark.parametrize(
    ("logic", "said", "fires"),
    [
        (None, "Кот и море.", True),
        (None, "Кот.", False),
        (0, "Кот и лес.", True),
        (1, "Кот, море и лес.", False),
        (1, "Кот и море.", True),
        (2, "Кот.", True),
        (2, "Кот и море.", False),
        (3, "Кот, море и лес.", True),
        (3, "Кот и море.", False),
    ],
)
def test_secondary_keys_any_all_none_not_all(logic: int | None, said: str, fires: bool) -> None:
    both = entry(
        "кот",
        "К",
        selective=True,
        secondary_keys=["море", "лес"],
        extensions={} if logic is None else {"selectiveLogic": logic},
    )
    assert bool(activate(both, said=(said,)).fired) is fires


def test_what_is_constant_always_stands_there_and_what_is_off_never() -> None:
    outcome = activate(
        entry("море", "Всегда", constant=True), entry("кот", "Выключена", enabled=False), entry("кот", "")
    )
    assert [(each.entry.content, each.because) for each in outcome.fired] == [("Всегда", ""), ("О: кот", "кот")]


def test_entries_find_others_only_where_the_book_says_so() -> None:
    chain = entry("кот", "Кот живёт на маяке."), entry("маяк", "Маяк стоит у моря."), entry("море", "Море холодное.")
    assert contents(activate(*chain)) == ["Кот живёт на маяке."]
    outcome = activate(*chain, recursive_scanning=True)
    assert contents(outcome) == ["Кот живёт на маяке.", "Маяк стоит у моря.", "Море холодное."]
    assert [each.by_entry for each in outcome.fired] == [False, True, True]
    stops = entry("кот", "Кот на маяке.", extensions={"prevent_recursion": True})
    assert contents(activate(stops, chain[1], recursive_scanning=True)) == ["Кот на маяке."]
    shy = entry("маяк", "Маяк.", extensions={"exclude_recursion": True})
    assert contents(activate(chain[0], shy, recursive_scanning=True)) == ["Кот живёт на маяке."]


def test_two_that_name_each_other_come_once() -> None:
    pair = entry("кот", "Кот любит рыбу."), entry("рыба", "Рыбу любит кот.")
    assert contents(activate(*pair, recursive_scanning=True)) == ["Кот любит рыбу.", "Рыбу любит кот."]


def test_what_waits_for_entries_is_not_found_in_what_was_said() -> None:
    waits = entry("кот", "Ждёт", extensions={"delay_until_recursion": True})
    assert contents(activate(waits, recursive_scanning=True)) == []
    assert contents(activate(waits, entry("море", "О коте", constant=True), recursive_scanning=True)) == [
        "Ждёт",
        "О коте",
    ]


def test_the_order_is_that_of_the_book_and_the_budget_drops_the_least_important() -> None:
    some = (
        entry("кот", "третья", insertion_order=30, priority=1),
        entry("кот", "первая", insertion_order=10, priority=5),
        entry("кот", "вторая", insertion_order=20, priority=9),
    )
    assert contents(activate(*some)) == ["первая", "вторая", "третья"]
    outcome = activate(*some, now=Circumstances(budget=12))
    assert contents(outcome) == ["первая", "вторая"]
    assert [each.entry.content for each in outcome.left_out] == ["третья"]
    gives_way = entry("кот", "@@ignore_on_max_context\nважная, но уступит", priority=100)
    assert contents(activate(gives_way, *some[1:], now=Circumstances(budget=20))) == ["первая", "вторая"]


def test_where_an_entry_stands() -> None:
    places = {
        each.entry.content: (each.entry.place, each.entry.depth, each.entry.role)
        for each in activate(
            entry("кот", "а"),
            entry("кот", "б", position="after_char"),
            entry("кот", "в", position="somewhere else"),
            entry("кот", "г", extensions={"position": 4, "depth": 2, "role": 1}),
            entry("кот", "@@depth 0\n@@role assistant\nд"),
            entry("кот", "@@position after_desc\nе"),
        ).fired
    }
    assert places == {
        "а": (Place.BEFORE, 4, Role.SYSTEM),
        "б": (Place.AFTER, 4, Role.SYSTEM),
        "в": (Place.BEFORE, 4, Role.SYSTEM),
        "г": (Place.AT_DEPTH, 2, Role.USER),
        "д": (Place.AT_DEPTH, 0, Role.ASSISTANT),
        "е": (Place.AFTER, 4, Role.SYSTEM),
    }


def test_of_a_group_one_comes_and_the_same_for_the_same_reply() -> None:
    some = [entry("кот", word, extensions={"group": "погода"}) for word in ("дождь", "снег", "ветер")]
    chosen = [contents(activate(*some, now=Circumstances(seed=seed))) for seed in range(40)]
    assert {len(each) for each in chosen} == {1}
    assert {each[0] for each in chosen} == {"дождь", "снег", "ветер"}
    assert chosen == [contents(activate(*some, now=Circumstances(seed=seed))) for seed in range(40)]


def test_probability() -> None:
    never = entry("кот", "К", extensions={"probability": 0, "useProbability": True})
    switched_off = entry("кот", "К", extensions={"probability": 0, "useProbability": False})
    half = entry("кот", "К", extensions={"probability": 50})
    assert not activate(never).fired
    assert activate(switched_off).fired
    times = sum(bool(activate(half, now=Circumstances(seed=seed)).fired) for seed in range(200))
    assert 60 < times < 140


def test_sticky_cooldown_and_delay() -> None:
    stays = entry("кот", "К", extensions={"sticky": 4, "cooldown": 4})
    silent = ("Ничего.",)

    def fires(said: tuple[str, ...], messages: int) -> bool:
        return bool(activate(stays, said=said, now=Circumstances(messages=messages, fired_at={0: 10})).fired)

    assert fires(silent, 14), "it stays for four messages"
    assert not fires(silent, 15)
    assert not fires(("Кот.",), 16), "and then rests for four"
    assert not fires(("Кот.",), 18)
    assert fires(("Кот.",), 19)
    late = entry("кот", "К", extensions={"delay": 6})
    assert not activate(late, now=Circumstances(messages=5)).fired
    assert activate(late, now=Circumstances(messages=6)).fired


def test_decorators_say_when() -> None:
    def fires(line: str, said: str = "Кот и море.", **now: Any) -> bool:
        return bool(activate(entry("кот", f"{line}\nТекст"), said=(said,), now=Circumstances(**now)).fired)

    assert not fires("@@activate_only_after 3", replies=2)
    assert fires("@@activate_only_after 3", replies=3)
    assert not fires("@@activate_only_every 2", replies=3)
    assert fires("@@activate_only_every 2", replies=4)
    assert not fires("@@is_greeting 1", greeting=0)
    assert fires("@@is_greeting 1", greeting=1)
    assert not fires("@@additional_keys лес")
    assert fires("@@additional_keys лес, море")
    assert not fires("@@additional_keys море\n@@additional_keys лес"), "a key of each line"
    assert fires("@@additional_keys море\n@@additional_keys лес, кот")
    assert not fires("@@exclude_keys море")
    assert fires("@@activate", said="Ничего.")
    assert not fires("@@dont_activate")
    assert fires("@@keep_activate_after_match", said="Ничего.", messages=90, fired_at={0: 1})
    assert not fires("@@dont_activate_after_match", messages=90, fired_at={0: 1})


def test_decorators_are_never_sent_and_unknown_ones_give_way() -> None:
    (fired,) = activate(entry("кот", "@@from_the_future 1\n@@@depth 3\n@@@depth 5\n@@depth 9\nКот.")).fired
    assert (fired.entry.content, fired.entry.depth) == ("Кот.", 3)


@pytest.mark.parametrize(
    "content", ["\n\n@@depth 2\nКот.", "  @@depth 2\nКот.", "\r\n@@depth 2\r\nКот.", "@@depth 2\n\n@@role user\nКот."]
)
def test_no_decorator_is_sent_for_the_space_around_it(content: str) -> None:
    (fired,) = activate(entry("кот", content)).fired
    assert (fired.text, fired.entry.depth) == ("Кот.", 2)


def test_an_expression_key_and_a_case_sensitive_one() -> None:
    assert activate(entry("ко[тш]", "К", use_regex=True)).fired
    assert activate(entry("/КОТ/i", "К")).fired
    assert not activate(entry("/КОТ/", "К")).fired
    assert not activate(entry("КОТ", "К", case_sensitive=True)).fired
    assert not activate(entry("(", "К", use_regex=True, constant=False)).fired


def test_a_secondary_key_may_stand_in_what_another_entry_says() -> None:
    castle = entry("замок", "В замке живёт дракон.")
    treasure = entry("сокровище", "Сокровище стережёт он.", selective=True, secondary_keys=["дракон"])
    said = ("Где сокровище замка?",)
    assert contents(activate(castle, treasure, said=said)) == ["В замке живёт дракон."]
    found = activate(castle, treasure, said=said, recursive_scanning=True)
    assert contents(found) == ["В замке живёт дракон.", "Сокровище стережёт он."]
    without = entry("сокровище", "Никто.", selective=True, secondary_keys=["дракон"], extensions={"selectiveLogic": 2})
    assert contents(activate(castle, without, said=said)) == ["В замке живёт дракон.", "Никто."]


def test_what_lost_in_its_group_finds_nothing() -> None:
    some = [
        entry("кот", f"{word} зовёт {other}.", extensions={"group": "погода"})
        for word, other in (("дождь", "море"), ("снег", "лес"))
    ]
    found = entry("море", "море!"), entry("лес", "лес!")
    for seed in range(20):
        outcome = contents(activate(*some, *found, recursive_scanning=True, now=Circumstances(seed=seed)))
        assert outcome in (["дождь зовёт море.", "море!"], ["снег зовёт лес.", "лес!"])


def test_what_won_in_its_group_is_not_ousted_by_what_it_finds() -> None:
    rain = entry("кот", "Дождь, а потом снег.", extensions={"group": "погода", "group_weight": 1})
    snow = entry("снег", "Снег.", extensions={"group": "погода", "group_weight": 10_000})
    for seed in range(20):
        outcome = activate(rain, snow, recursive_scanning=True, now=Circumstances(seed=seed))
        assert contents(outcome) == ["Дождь, а потом снег."]


def test_what_stays_goes_before_others_of_its_group() -> None:
    some = [entry("кот", word, extensions={"group": "погода", "sticky": 5}) for word in ("дождь", "снег", "ветер")]
    for seed in range(20):
        now = Circumstances(seed=seed, messages=12, fired_at={1: 10})
        assert contents(activate(*some, now=now)) == ["снег"]


def test_what_stays_is_not_left_to_chance_again() -> None:
    stays = entry("кот", "К", extensions={"sticky": 4, "probability": 1})
    for seed in range(50):
        assert contents(activate(stays, said=("Тихо.",), now=Circumstances(seed=seed, messages=12, fired_at={0: 10})))
    always = entry("кот", "@@keep_activate_after_match\n@@additional_keys море\nК")
    assert contents(activate(always, said=("Тихо.",), now=Circumstances(messages=90, fired_at={0: 1}))) == ["К"]


def test_also_needed_keys_are_looked_for_as_deep_as_the_entry_looks() -> None:
    deep = entry("кот", "@@scan_depth 6\n@@additional_keys море\nК")
    said = ("Море.", "Кот.", "Раз.", "Два.", "Три.", "Четыре.")
    assert contents(activate(deep, said=said)) == ["К"]


def test_why_an_entry_is_left_out_is_told() -> None:
    off = entry("кот", "выключена", enabled=False)
    alone = entry("кот", "одна", selective=True, secondary_keys=["море"])
    early = entry("кот", "рано", extensions={"delay": 9})
    unlucky = entry("кот", "никогда", extensions={"probability": 0})
    without = entry("кот", "@@exclude_keys спать\nбез сна")
    never = entry("кот", "@@dont_activate\nзапрещена")
    large = entry("кот", "большая " * 20, priority=-1)
    group = [entry("кот", word, extensions={"group": "погода"}) for word in ("дождь", "снег")]
    silent = entry("лес", "не о том")
    some = off, alone, early, unlucky, without, never, large, *group, silent
    outcome = activate(*some, now=Circumstances(budget=40))
    told = {each.entry.content.strip(): each.why for each in outcome.left_out}
    (lost,) = {"дождь", "снег"} - {*contents(outcome)}
    assert told == {
        "выключена": LeftOut.OFF,
        "одна": LeftOut.SECONDARY,
        "рано": LeftOut.TIME,
        "никогда": LeftOut.CHANCE,
        "без сна": LeftOut.OTHER_KEYS,
        "запрещена": LeftOut.FORBIDDEN,
        ("большая " * 20).strip(): LeftOut.BUDGET,
        lost: LeftOut.GROUP,
    }
    assert {each.because for each in outcome.left_out} == {"кот"}


def test_an_entry_may_be_of_several_groups() -> None:
    both = entry("кот", "дождь", extensions={"group": "погода, звуки", "group_weight": 10_000})
    weather, sound = (
        entry("кот", "снег", extensions={"group": "погода"}),
        entry("кот", "гром", extensions={"group": "звуки"}),
    )
    assert contents(activate(both, weather, sound, now=Circumstances(seed=1))) == ["дождь"]
    light = both | {"extensions": {"group": "погода,звуки", "group_weight": 0.001}}
    assert contents(activate(light, weather, sound, now=Circumstances(seed=1))) == ["снег", "гром"]


def test_of_a_group_hardly_ever_one_comes_that_weighs_nothing() -> None:
    heavy = entry("кот", "дождь", extensions={"group": "погода"})
    light = entry("кот", "снег", extensions={"group": "погода", "group_weight": 0})
    came = {content for seed in range(50) for content in contents(activate(heavy, light, now=Circumstances(seed=seed)))}
    assert came == {"дождь"}
    assert form_of(light).weight == 0


def test_in_a_group_the_highest_order_goes_first_where_an_entry_says_so() -> None:
    for seed in range(20):
        some = (
            entry("кот", word, insertion_order=order, extensions={"group": "погода", "group_override": says})
            for word, order, says in (("дождь", 1, True), ("снег", 2, True), ("ветер", 3, False))
        )
        assert contents(activate(*some, now=Circumstances(seed=seed))) == ["снег"]


def test_what_ignores_the_budget_takes_of_it_first() -> None:
    some = entry("кот", "важная", priority=9), entry("кот", "своя", priority=1, extensions={"ignore_budget": True})
    assert contents(activate(*some, now=Circumstances(budget=6))) == ["своя"]


@pytest.mark.parametrize(
    "line",
    [
        "@@nope2 1",
        "@@x-foo a",
        "@@reverse_instruct_depth 3",
        "@@instruct_depth 2",
        "@@instruct_scan_depth 2",
        "@@depth,2",
        "@@Имя",
    ],
)
def test_an_unknown_decorator_is_never_sent_whatever_it_is_called(line: str) -> None:
    (fired,) = activate(entry("кот", f"{line}\n@@@depth 7\nКот.")).fired
    assert (fired.text, fired.entry.depth) == ("Кот.", 7)
    (fired,) = activate(entry("кот", f"{line}\n@@@{line[2:]}\nКот.")).fired
    assert fired.text == "Кот."
