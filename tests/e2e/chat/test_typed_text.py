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
    await new Promise((done) => setTimeout(done, wait));
  }
  await typing.catchUp(2000);
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
    words = [*"Вот: ", *(f"{sign} " for sign in SIGNS), *SIGNS, *" и всё."]
    text = "".join(words)
    whole = {"".join(words[:end]) for end in range(len(words) + 1)}
    whole |= {each[:-1] for each in whole if each.endswith(" ")}
    texts = [text[:end] for end in range(1, len(text) + 1)]
    seen = page.evaluate(TYPE, {"texts": texts, "wait": 5, "at_once": at_once})
    assert set(seen["shown"]) <= whole
    assert len(seen["shown"]) > len(words) / 2, "it does grow"
    assert seen["typed"] == text[:-1], "what comes next may still be part of the last sign"
    assert seen["settled"] == f"<p>{text}</p>"
