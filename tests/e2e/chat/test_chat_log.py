"""Chat log: how a reply appears, and where the reader stays meanwhile (scrolling)."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from time import monotonic

import pytest
from playwright.sync_api import WebSocket, expect

from tests.e2e.arrivals import arrive, begin_chat
from tests.e2e.chat.long_talk import talk_for_long
from tests.e2e.people import Person, wait_for_line
from tests.llm_server import LlmServer

SENTENCES = " ".join(f"Это предложение номер {n} довольно длинное, чтобы его читать." for n in range(1, 11))
STORY = " ".join(f"Слово{n}." for n in range(1, 301))

WATCH = """() => {
  const seen = (window.seen = []);
  const look = () => {
    const text = document.querySelector(".message.running .bubble-running")?.innerText ?? "";
    if (text && text.length !== seen.at(-1)) seen.push(text.length);
    requestAnimationFrame(look);
  };
  look();
}"""


@pytest.fixture
def talker(person: Callable[[str], Person], request: pytest.FixtureRequest) -> Person:
    somebody = person(re.sub(r"\W", "", request.node.name)[-24:])
    arrive(somebody)
    begin_chat(somebody)
    return somebody


@pytest.mark.slow
def test_coarse_pieces_read_as_typing_but_the_first_which_is_there_at_once(talker: Person, llm: LlmServer) -> None:
    talker.page.evaluate(WATCH)
    llm.answer(SENTENCES, style="coarse", pause=0.3)
    talker.say("Расскажи")
    expect(talker.last_reply).to_contain_text("номер 10")
    expect(talker.page.get_by_role("button", name="Отправить")).to_be_visible()
    seen = talker.page.evaluate("seen")
    assert seen[0] >= len(SENTENCES.partition(". ")[0]), "some letters of it, and nobody sees why the others wait"
    assert seen == sorted(seen), "what has been shown stays"
    steps = [after - before for before, after in pairwise(seen)]
    # A step for each picture that the browser draws, of which there are few on a busy machine.
    assert len(steps) > 20, f"ten sentences, and only {len(steps)} steps: they jump onto the page"
    assert sorted(steps)[len(steps) // 2] < len(SENTENCES) / 10 / 2, "most steps are some letters, not a sentence"
    expect(talker.last_reply.locator(".bubble")).to_have_text(SENTENCES)


@pytest.mark.slow
def test_fine_pieces_cost_few_messages(talker: Person, llm: LlmServer) -> None:
    frames: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: frames.append(str(frame)))

    talker.page.on("websocket", listen)
    talker.page.reload()
    expect(talker.composer).to_be_visible()
    wait_for_line(talker.page)
    frames.clear()
    llm.answer(STORY[:600], style="fine", pause=0.01)
    begun = monotonic()
    talker.say("Расскажи")
    expect(talker.last_reply).to_contain_text(STORY[:600].split()[-2])
    expect(talker.page.get_by_role("button", name="Отправить")).to_be_visible()
    deltas = [frame for frame in frames if "delta" in frame]
    assert 2 < len(deltas) < 20 * (monotonic() - begun), "at most some twenty updates a second"


@pytest.mark.slow
def test_who_reads_above_stays_there_and_finds_the_way_back(talker: Person, llm: LlmServer) -> None:
    page = talker.page
    llm.answer(STORY, style="fine", pause=0.005)
    talker.say("Расскажи историю")
    expect(talker.last_reply).to_contain_text("Слово60.")
    scroll = page.locator(".chat-scroll")
    bottom = "element => element.scrollHeight - element.clientHeight - element.scrollTop"
    page.wait_for_function(f"({bottom})(document.querySelector('.chat-scroll')) < 40")  # until then the page follows
    scroll.hover()
    page.mouse.wheel(0, -300)
    expect(page.get_by_role("button", name="К последним")).to_be_visible()
    before = scroll.evaluate("element => element.scrollTop")
    expect(talker.last_reply).to_contain_text("Слово300.", timeout=60_000)
    expect(page.get_by_role("button", name="Отправить")).to_be_visible()
    assert abs(scroll.evaluate("element => element.scrollTop") - before) < 2, "nothing moved under the reader's eyes"
    page.get_by_role("button", name="К последним").click()
    expect(page.get_by_role("button", name="К последним")).to_have_count(0)
    assert scroll.evaluate(bottom) < 40
    scroll.hover()
    page.mouse.wheel(0, -300)
    expect(page.get_by_role("button", name="К последним")).to_be_visible()
    talker.say("И дальше?")
    expect(page.locator(".message.user").last).to_be_in_viewport()


def test_a_finished_reply_is_told_to_screen_readers_once_and_whole(talker: Person, llm: LlmServer) -> None:
    llm.answer("Первое. **Второе**. Третье.", style="fine", pause=0.02)
    talker.say("И что?")
    told = talker.page.locator(".chat-log [aria-live=polite]")
    expect(told).to_contain_text("Первое. Второе. Третье.")
    expect(told).to_contain_text("Тихон Рогозин")


@pytest.mark.slow
def test_a_line_shows_from_where_the_character_remembers(talker: Person) -> None:
    talk_for_long(talker, 60, words_each=200)
    talker.page.reload()
    expect(talker.last_reply).to_contain_text("Сказанное 60.")
    line = talker.page.get_by_text("Отсюда персонаж помнит разговор дословно")
    expect(line).to_be_attached()
    line.scroll_into_view_if_needed()
    expect(line).to_be_in_viewport()


FORMATTED = """*Улыбается.* Смотри, **что** есть: `код` и [сайт](https://example.org).

- первое *дело*
- второе

```
a = 1
b = 2
```

| Имя | Возраст |
|-----|---------|
| *Аня* | 7 |
| Боб | 8 |

Вот и *всё*."""

WATCH_SIGNS = """() => {
  Object.assign(window, { raw: [], shifts: [], since: Infinity });
  const later = (todo) => requestAnimationFrame(() => requestAnimationFrame(todo));
  new MutationObserver(() => {
    const text = document.querySelector(".message.running .bubble-running")?.textContent ?? "";
    if (/[*`|[\\]]|^-/m.test(text)) raw.push(text);
    if (text.includes("Вот") && since === Infinity) later(() => (since = performance.now())); // its last line is there
  }).observe(document.querySelector(".chat-log"), { childList: true, subtree: true, characterData: true });
  const look = ({ value, startTime, sources }) => {
    if (startTime > since) shifts.push([value, ...sources.map(({ node }) => node?.outerHTML)]);
  };
  new PerformanceObserver((list) => list.getEntries().forEach(look)).observe({ type: "layout-shift" });
}"""


def test_formatting_is_set_while_a_reply_comes_and_nothing_jumps_at_its_end(talker: Person, llm: LlmServer) -> None:
    llm.answer("Здравствуйте.")
    talker.say("Привет")
    expect(talker.last_reply).to_contain_text("Здравствуйте.")
    expect(talker.page.get_by_role("button", name="Отправить")).to_be_visible()
    talker.page.evaluate(WATCH_SIGNS)
    llm.answer(FORMATTED, style="fine", fault="waits")
    talker.say("Покажи")
    llm.go_on(len(FORMATTED.partition("a = 1")[0]) // 4)
    expect(talker.page.locator(".message.running .bubble-running li")).to_have_count(2)
    llm.go_on()
    expect(talker.page.get_by_role("button", name="Отправить")).to_be_visible()
    assert talker.page.evaluate("since"), "its end was watched"
    assert talker.page.evaluate("raw") == []
    assert talker.page.evaluate("shifts") == []
    expect(talker.last_reply.locator("td")).to_have_text(["Аня", "7", "Боб", "8"])
