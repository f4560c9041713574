"""Feed of the gallery: what its cards and its filter are made of, as a browser fetches it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ui.api.conftest import Program, Town


def feed(somebody: Program, query: str = "") -> dict[str, Any]:
    answer = somebody.ask("GET", f"/feed/gallery{query}")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    return dict(answer.json())


def names(somebody: Program, query: str) -> list[str]:
    return [card["name"] for card in feed(somebody, query)["cards"]]


@pytest.mark.slow
def test_a_card_says_what_a_stranger_may_know(new_town: Town) -> None:
    owner = new_town.come("owner")
    owner.character(name="Зинаида Маячная", bio="Живёт на маяке. " * 20, interests=["море", "редкое"])
    owner.character(name="Тайная Маячная", interests=["тайна"], is_public=False)
    page = feed(new_town.stranger, "?q=маячную")
    [card] = page["cards"]
    assert card["name"] == "Зинаида Маячная"
    assert card["teaser"].startswith("Живёт на маяке.")
    assert len(card["teaser"]) <= 158
    assert card | {"id": 0, "url": "", "picture": "", "teaser": "", "name": ""} == {
        "id": 0,
        "url": "",
        "name": "",
        "teaser": "",
        "picture": "",
        "gender_sign": "♀",
        "age_mark": "12+",
        "language": "",
        "language_words": "",
        "interests": ["море", "редкое"],
        "rating": "",
        "votes": 0,
        "votes_words": "",
        "talks": "",
        "talks_words": "",
        "author": "owner",
        "badge": "",
        "is_favourite": False,
        "is_own": False,
        "chat_url": "",
    }
    assert (page["count"], page["next"]) == ("1 персонаж", None)
    assert "тайна" not in [each["word"] for each in page["interests"]]
    suggested = new_town.stranger.get("/feed/interests", begins="ред").json()
    assert suggested == {"interests": [{"word": "редкое", "count": 1}]}


def test_nonsense_in_the_address_counts_as_not_given(town: Town) -> None:
    everybody = feed(town.stranger)
    for query in (
        *("?tab=nonsense", "?sort=1;DROP", "?gender=x&age=99", "?after=nonsense", "?after=%00", "?q=%22%27*", "?tab="),
        *("?with=%23", "?without=", "?q=%F0%9F%A6%94", "?q=%00", "?q=%ED%A0%80", "?sort=%ff", "?sort=recent"),
    ):
        answer = feed(town.stranger, query)
        assert (answer["cards"], answer["count"]) == (everybody["cards"], everybody["count"]), query
    for tab in ("favourites", "mine", "recent"):
        assert names(town.stranger, f"?tab={tab}") == [], "of nobody in particular"


@pytest.mark.slow
def test_pages_go_on_with_the_same_question(new_town: Town) -> None:
    owner = new_town.come("owner")
    for number in range(50):
        owner.character(name=f"Марина {number:02}", interests=["море & горы"])
    first = feed(new_town.stranger, "?with=море %26 горы&sort=name&gender=female&gender=male")
    assert (first["count"], len(first["cards"])) == ("50 персонажей", 48)
    second = new_town.stranger.ask("GET", first["next"]).json()
    assert ([card["name"] for card in second["cards"]], second["next"]) == (["Марина 48", "Марина 49"], None)
    assert (second["count"], second["interests"]) == ("", [])


@pytest.mark.slow
def test_the_readers_language_is_looked_at_until_another_is_chosen(new_town: Town) -> None:
    owner = new_town.come("owner")
    owner.character(name="Марина")
    english = {"bio": "", "greeting": "", "context": "You keep the light.", "interests": []}
    nora = owner.character(name="Nora", **english)

    def found(query: str) -> set[str]:
        return {"Nora", "Марина"} & set(names(new_town.stranger, query))

    languages = {"": "ru", "?language=any": "", "?language=en": "en", "?q=nora": ""}
    assert {query: feed(new_town.stranger, query)["language"] for query in languages} == languages, "as the page shows"
    assert found("") == {"Марина"}
    assert found("?language=any") == found(f"?author={owner.id}") == {"Nora", "Марина"}
    assert found("?language=en") == found("?q=nora") == {"Nora"}
    card = next(each for each in feed(new_town.stranger, "?language=en")["cards"] if each["name"] == "Nora")
    assert (card["language"], card["language_words"]) == ("en", "английский")
    assert feed(new_town.stranger, f"?author={owner.id}")["author"] == "owner"
    listed = new_town.stranger.get("/api/characters", language="en", owner_id=owner.id).json()
    assert [each["id"] for each in listed] == [nora]
    owner.ask("PATCH", f"/api/characters/{nora}", json={"language": "ru"})
    assert new_town.stranger.get(f"/api/characters/{nora}").json()["language"] == "ru"
    assert found("?language=en") == set()


def test_all_languages_are_offered_only_where_somebody_is_in_another(new_town: Town) -> None:
    new_town.come("owner").character(name="Марина", interests=["редкость"])

    def is_elsewhere(query: str) -> bool:
        page = feed(new_town.stranger, query)
        assert not page["cards"]
        return bool(page["is_elsewhere"])

    assert is_elsewhere("?language=en&with=редкость")
    assert not is_elsewhere("?language=ru&with=чего нет")
    assert not is_elsewhere("?with=чего нет")
