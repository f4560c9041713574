"""Typed text: what a growing reply does in the page, whatever comes in and whoever else changes the page."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.chat.blank_page import open_blank

SIGNS = ["👨‍👩‍👧‍👦", "🇷🇺", "🇰🇿", "👋🏽", "1️⃣", "❤️‍🔥", "е́", "й", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "한", "नि"]

TYPE = """async ({ texts, wait, at_once }) => {
  const { Typing } = await import("chat_typing");
  const { settle } = await import("typed_text");
  const stage = document.getElementById("stage");
  const typing = new Typing(stage, []);
  const shown = new Set();
  const changes = { subtree: true, childList: true, characterData: true };
  new MutationObserver(() => shown.add(stage.textContent)).observe(stage, changes);
  if (at_once) Object.defineProperty(typing, "instant", { value: { matches: true } });
  for (const text of texts) {
    typing.show(0, [`<p>${text}</p>`]);
    await new Promise((done) => (at_once ? setTimeout(done, wait) : requestAnimationFrame(done)));
  }
  await typing.catchUp(2000);
  while (typing.frame) await new Promise((done) => setTimeout(done, 10)); // a busy browser draws late
  const typed = stage.textContent;
  settle(stage, `<p>${texts.at(-1)}</p>`);
  await 0;
  return { shown: [...shown], typed, settled: stage.innerHTML };
}"""


@pytest.fixture
def page(browser: Browser) -> Generator[Page]:
    page = open_blank(browser)
    yield page
    page.context.close()


@pytest.mark.parametrize("at_once", [False, True], ids=["typed", "as it comes"])
def test_no_sign_is_ever_shown_in_parts(page: Page, at_once: bool) -> None:
    words = [*"Вот: ", *(f"{sign} " for sign in SIGNS), *SIGNS, *" и всё"]
    text = "".join(words)
    whole = {"".join(words[:end]) for end in range(len(words) + 1)}
    whole |= {each[:-1] for each in whole if each.endswith(" ")}
    texts = [text[:end] for end in range(1, len(text) + 1)]
    seen = page.evaluate(TYPE, {"texts": texts, "wait": 5, "at_once": at_once})
    assert set(seen["shown"]) <= whole
    assert len(seen["shown"]) > 5, "it does grow, if only in as many steps as the browser draws pictures"
    assert seen["typed"] == text[:-1], "what comes next may still be part of the last sign"
    assert seen["settled"] == f"<p>{text}</p>"


GROW = """async (pause) => {
  const { Typing } = await import("chat_typing");
  const stage = document.getElementById("stage");
  const typing = (window.typing = new Typing(stage, []));
  const words = (count) => Array.from({ length: count }, (_, n) => `слово${n}`).join(" ");
  const shown = () => new Promise((done) => {
    const look = () => typing.frame ? setTimeout(look, 10) : done(); // a busy browser draws late
    look();
  });
  window.grow = (count) => {
    const text = `Раз, два. <em>${words(count)}</em> <a href="https://a.b/${count}">https://a.b/${count}</a> и`;
    typing.show(0, ["<p>Начало разговора.</p>", `<p>${text}</p>`]);
    return typing.catchUp(500).then(shown);
  };
  await grow(5);
}"""
SELECT = """() => {
  const [first, last] = document.querySelectorAll("#stage p");
  getSelection().setBaseAndExtent(first.firstChild, 7, last.querySelector("em").firstChild, 6);
  return String(getSelection());
}"""
TRANSLATE = """() => {
  const walker = document.createTreeWalker(document.getElementById("stage"), NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts) {
    const [outer, inner] = [document.createElement("font"), document.createElement("font")];
    inner.textContent = text.data.toUpperCase();
    outer.append(inner);
    text.replaceWith(outer);
  }
}"""
SETTLED = "<p>Начало разговора.</p><p>Раз, два. <em>слово0 слово1</em> и <b>всё</b>.</p>"
SETTLE = f"""async () => {{
  const {{ settle }} = await import("typed_text");
  settle(stage, "{SETTLED}");
  return stage.innerHTML;
}}"""


def test_a_selection_survives_the_growth_and_the_end_of_a_reply(page: Page) -> None:
    page.evaluate(GROW)
    selected = page.evaluate(SELECT)
    for count in (6, 40):
        page.evaluate("count => grow(count)", count)
        assert page.evaluate("String(getSelection())") == selected
    assert page.evaluate("stage.querySelector('a').getAttribute('href')") == "https://a.b/40", "of one link, not many"
    assert page.evaluate(SETTLE) == SETTLED
    assert page.evaluate("String(getSelection())") == selected


def test_a_translator_that_replaces_every_text_stops_nothing(page: Page) -> None:
    page.evaluate(GROW)
    page.evaluate(TRANSLATE)
    page.evaluate("grow(9)")
    assert "слово8" in page.evaluate("stage.textContent")
    page.evaluate(TRANSLATE)
    assert page.evaluate(SETTLE) == SETTLED
    page.evaluate("document.documentElement.className = 'translated-ltr'")
    page.evaluate("window.before = stage.querySelector('em').firstChild")
    assert page.evaluate(SETTLE) == SETTLED
    assert not page.evaluate("before.isConnected"), "a translator that has begun reads what is new"
