"""The gallery's toolbar by itself: what stands in a line, and what has room in it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.chat.blank_page import open_blank

MOUNT = """async () => {
  const [{ createApp, h, reactive }, { Toolbar }] = await Promise.all([import("vue"), import("gallery_toolbar")]);
  const labels = {
    search: "Поиск в галерее", placeholder: "Имя, интерес, слово", sorts: [["popular", "популярные за неделю"]],
    orders: { all: "popular" }, find_interest: "Интерес", genders: [["", "любой пол"]], languages: [["any", "любой"]],
    in_language: { ru: "на русском" }, ages: ["6+", "12+"], reset: "Сбросить фильтры", drop: "{filter}", any: "{word}",
    with: "{word}: с этим", without: "{word}: без этого", most_interests: 9, states: {},
    third_state: "Ещё раз: без «{word}». Правая кнопка или долгое нажатие дают выбрать.",
  };
  const none = { tab: "all", q: "", sort: "", gender: "", language: "", author: "", with: [], without: [] };
  const question = reactive({ ...none, age: ["12+"] });
  const interests = [{ word: "загадки", count: 3 }];
  const rest = { count: "16 персонажей", author: "", language: "ru", prefix: "", signed: false, picking: false };
  const onChange = (change) => Object.assign(question, change);
  const bar = () => h(Toolbar, { question: { ...question }, labels, interests, onChange, ...rest });
  createApp({ setup: () => () => h("section", { class: "card-gallery" }, bar()) }).mount("#stage");
}"""


def toolbar(browser: Browser, width: int) -> Page:
    page = open_blank(browser)
    page.set_viewport_size({"width": width, "height": 500})
    page.evaluate(MOUNT)
    return page


def test_resetting_stands_in_a_line_with_the_filters_whose_hint_takes_another(browser: Browser) -> None:
    page = toolbar(browser, 1440)
    page.get_by_role("button", name="загадки").click()
    expect(page.locator(".filter-hint")).to_be_visible()
    field, reset = (
        page.get_by_role("searchbox", name="Интерес").bounding_box(),
        page.get_by_role("button", name="Сбросить фильтры").bounding_box(),
    )
    assert field
    assert reset
    assert field["y"] + field["height"] / 2 == pytest.approx(reset["y"] + reset["height"] / 2, abs=2)
    page.context.close()


WORDS = """field => {
  const style = getComputedStyle(field);
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.font = style.font;
  const begins = field.getBoundingClientRect().left + parseFloat(style.paddingLeft);
  return begins + canvas.measureText(field.placeholder).width;
}"""


@pytest.mark.parametrize("width", [720, 800, 1440])
def test_the_key_of_the_search_touches_no_words(browser: Browser, width: int) -> None:
    page = toolbar(browser, width)
    ends = page.get_by_role("searchbox", name="Поиск в галерее").evaluate(WORDS)
    key = page.locator(".gallery-search kbd").bounding_box()
    assert key is None or key["x"] - ends > 8
    page.context.close()
