"""The page and its reader: printing, selecting, translating, copying, languages written from the right."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.e2e.arrivals import arrive, begin_chat
from tests.e2e.chat.long_talk import talk_for_long
from tests.e2e.people import Person
from tests.llm_server import LlmServer

WRITTEN = r"""*Пишет.* Формула \(x_1\), **вот**:

| Имя | Возраст |
|---|---|
| Аня | 20 |

https://example.org/a?b=1."""
ARABIC = "مرحبا! كيف حالك اليوم؟ أنا بخير (شكرا)."
TRANSLATE = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) if (walker.currentNode.data.trim()) texts.push(walker.currentNode);
  for (const text of texts) {
    const [outer, inner] = [document.createElement("font"), document.createElement("font")];
    inner.textContent = text.data;
    outer.append(inner);
    text.replaceWith(outer);
  }
}"""
SIDES = """paragraph => {
  const words = document.createRange();
  words.selectNodeContents(paragraph);
  const [inner, outer] = [words.getClientRects()[0], paragraph.closest(".rich").getBoundingClientRect()];
  return [inner.left - outer.left, outer.right - inner.right];
}"""


@pytest.fixture
def talker(person: Callable[[str], Person], request: pytest.FixtureRequest) -> Person:
    somebody = person(re.sub(r"\W", "", request.node.name)[-24:])
    arrive(somebody)
    begin_chat(somebody)
    return somebody


def words_of(pdf: bytes) -> str:
    """All that is printed, without blanks, since on paper these are distances."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))


@pytest.mark.slow
def test_a_whole_long_talk_is_printed_and_the_page_is_as_before(talker: Person) -> None:
    page = talker.page
    greeting = talker.replies.first.locator(".bubble").inner_text()
    talk_for_long(talker, 230)
    page.reload()
    expect(talker.last_reply).to_contain_text("Сказанное 230.")
    shown, dark = page.locator(".message").count(), "document.documentElement.dataset.theme = 'dark'"
    page.evaluate(dark)
    paper = words_of(page.pdf())
    assert paper.startswith("Чат:ТихонРогозин"), "with whom"
    assert [n for n in range(1, 231) if f"Сказанное{n}." not in paper] == []
    assert re.sub(r"\s", "", greeting)[:40] in paper
    assert "неудалось" not in paper
    expect(page.locator(".message")).to_have_count(shown)
    expect(talker.last_reply).to_be_in_viewport()
    page.locator(".chat-scroll").evaluate("scroll => (scroll.scrollTop = 0)")
    expect(page.get_by_text("Сказанное 150.")).to_be_attached()


@pytest.mark.slow
def test_words_that_are_being_selected_stay_where_they_are(talker: Person, llm: LlmServer) -> None:
    page = talker.page
    llm.answer(" ".join(f"Слово{n}." for n in range(1, 301)), style="fine", pause=0.005)
    talker.say("Расскажи историю, да подлиннее")
    expect(talker.last_reply).to_contain_text("Слово40.")
    story = talker.last_reply.locator(".bubble p").first
    top = "paragraph => paragraph.getBoundingClientRect().top"
    place = story.bounding_box()
    assert place
    page.mouse.move(place["x"] + 20, place["y"] + 30)
    page.mouse.down()
    page.mouse.move(place["x"] + 160, place["y"] + 30, steps=4)
    selected, before = page.evaluate("String(getSelection())"), story.evaluate(top)
    assert len(selected) > 8
    expect(story).to_contain_text("Слово300.", timeout=60_000)
    assert abs(story.evaluate(top) - before) < 2, "nothing moved under the mouse"
    page.mouse.up()
    expect(page.get_by_role("button", name="Отправить")).to_be_visible()
    assert page.evaluate("String(getSelection())") == selected
    expect(page.get_by_role("button", name="К последним")).to_be_visible()


def test_a_translated_page_goes_on_and_copy_gives_what_was_written(talker: Person, llm: LlmServer) -> None:
    page = talker.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate(TRANSLATE)
    llm.answer(WRITTEN, style="fine", fault="waits")
    talker.say(f"Привет!\n\n{ARABIC}\n\nСмотри (https://example.org/b).")
    llm.go_on(4)
    growing = talker.last_reply.locator(".bubble-running")
    expect(growing).to_contain_text("Пишет.")
    expect(growing).to_have_attribute("translate", "no")
    page.evaluate(TRANSLATE)
    llm.go_on()
    expect(talker.last_reply.locator("td")).to_have_text(["Аня", "20"])
    expect(page.get_by_role("button", name="Отправить")).to_be_visible()
    reply = talker.last_reply.locator(".rich")
    expect(reply).not_to_have_attribute("translate", "no")
    expect(reply).to_contain_text(r"Формула \(x_1\), вот:")
    expect(reply.get_by_role("link")).to_have_attribute("href", "https://example.org/a?b=1")
    page.evaluate(TRANSLATE)
    translated = reply.locator("td > font").first.evaluate_handle("font => font")
    with page.expect_response("**/feed/dialogs/*"):
        page.evaluate("dispatchEvent(new Event('online'))")  # the history is fetched again
    expect(page.locator(".chat-scroll")).to_have_attribute("aria-busy", "false")
    assert translated.evaluate("font => font.isConnected"), "what has been translated stays so"
    talker.last_reply.get_by_role("button", name="Копировать").click()
    assert page.evaluate("navigator.clipboard.readText()") == WRITTEN
    mine = page.locator(".message.user").last
    expect(mine.get_by_role("link", name="https://example.org/b", exact=True)).to_be_visible()
    russian, arabic, _ = (mine.locator("p").nth(n).evaluate(SIDES) for n in range(3))
    assert russian[0] < 1 < russian[1]
    assert arabic[1] < 1 < arabic[0] or arabic[0] < 1, "from the right, where it is not the longest line"
    assert mine.locator("p").nth(1).evaluate("p => getComputedStyle(p).direction") == "rtl"
    talker.composer.fill(ARABIC)
    assert talker.composer.evaluate("box => getComputedStyle(box).direction") == "rtl"


def test_the_pointer_on_a_time_is_told_the_date(talker: Person) -> None:
    time = talker.last_reply.locator("time")
    time.hover()
    expect(time).to_have_attribute("title", re.compile(r"\d\d\.\d\d\.\d{4}, "))
