"""Streaming Markdown: a reply that is being written never shows a marker, and ends as the finished text."""

from __future__ import annotations

import re
from html import unescape

import pytest

from ui.chat.markdown.stream import Growth, MarkdownStream, blocks_of
from ui.chat.markdown.to_html import to_html
from ui.chat.markdown.unfinished import closed

REPLY = """Здравствуй! *Улыбается* и **говорит**: `код`, ***оба***, ~~нет~~ и _так_.

Список:
- раз *два* три
- **четыре**: [сайт](https://example.org/a_b) и
  продолжение
1. один

> *цитата
> дальше*

| Имя | Что |
|:----|----:|
| *Аня* | `x` |
| Боб | **жирно** |

```
a = b
```

### Заголовок
Конец. ![кот](https://example.org/cat.png), <https://example.org>, R&D &amp; всё
"""


def frames(text: str, step: int = 1) -> list[str]:
    """The HTML that a page shows after each piece of the text."""
    stream, blocks, shown = MarkdownStream(), list[str](), list[str]()
    for end in range(step, len(text) + step, step):
        if growth := stream.grow(text[:end]):
            blocks[growth.first :] = told(growth, blocks[growth.first] if growth.first < len(blocks) else "")
            shown.append("".join(blocks))
    return shown


def told(growth: Growth, before: str) -> list[str]:
    """The blocks of a growth, as the browser assembles them."""
    units = before.encode("utf-16-le")
    head, tail = units[: 2 * growth.head].decode("utf-16-le"), units[len(units) - 2 * growth.tail :].decode("utf-16-le")
    return [head + growth.blocks[0] + tail, *growth.blocks[1:]]


def seen(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


def test_no_marker_is_ever_seen() -> None:
    for html in frames(REPLY):
        assert not re.search(r"[*_`|~\[\]#]|^-|https?:.*\)", seen(html)), html


def test_the_whole_of_it_is_the_finished_text() -> None:
    assert "".join(blocks_of(REPLY)) == to_html(REPLY)
    stream, blocks = MarkdownStream(), list[str]()
    for end in range(1, len(REPLY) + 1):
        if growth := stream.grow(REPLY[:end]):
            blocks[growth.first :] = told(growth, blocks[growth.first] if growth.first < len(blocks) else "")
    assert to_html(REPLY).startswith("".join(blocks[:-1])), "whatever has ended"


def test_formulas_and_addresses_grow_sign_by_sign() -> None:
    text = r"Вот \(f^*(x_1) + *g\): \[ a_1 * b_1 \], https://example.org/_a_(b)?c=*d&e=f_, *да*."
    whole = seen(to_html(text))
    assert [each for each in map(seen, frames(text)) if not whole.startswith(each)] == []
    assert "".join(blocks_of(text)) == to_html(text)


def test_a_block_that_has_ended_is_sent_once() -> None:
    stream = MarkdownStream()
    growths = [growth for end in range(len(REPLY)) if (growth := stream.grow(REPLY[:end]))]
    assert sum(len(growth.blocks) > 1 for growth in growths) == max(growth.first for growth in growths)
    assert sorted(growth.first for growth in growths) == [growth.first for growth in growths]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Она *смотрит в ок", "Она *смотрит в ок*"),
        ("Она *", "Она"),
        ("**Вот *как", "**Вот *как***"),
        ("**почти*", "**почти**"),
        ("`x = 1", "`x = 1`"),
        ("```py", ""),
        ("```py\nx *", "```py\nx *"),
        ("```py\nx\n``", "```py\nx"),
        ("раз\n-", "раз"),
        ("- раз\n- *дв", "- раз\n- *дв*"),
        ("> *раз\n> дв", "> *раз\n> дв*"),
        ("[сай", "сай"),
        ("[сайт](https://exa", "сайт"),
        ("[Аня]: привет", "[Аня]: привет"),
        ("| a | b |\n|--", ""),
        ("Вот:\n| a | b |\n|--|--|\n| *x", "Вот:\n| a | b |\n|--|--|\n| *x*"),
        ("5 * 3 = 15 и 2*2", "5 * 3 = 15 и 2*2"),
        ("~5 минут", "~5 минут"),
        (r"\*не курсив", r"\*не курсив"),
        ("Ура!", "Ура!"),
    ],
)
def test_what_is_open_is_closed_or_held_back(typed: str, shown: str) -> None:
    assert closed(typed).strip() == shown


def test_of_an_open_block_only_what_is_new_is_sent_whatever_signs_it_is_made_of() -> None:
    text = "Она *улыбнулась* 🙂🙃 и сказала: «Ну, здравствуй» 🙂. " * 8
    stream, shown, sent = MarkdownStream(), "", 0
    for end in range(3, len(text), 3):
        if growth := stream.grow(text[:end]):
            [shown] = told(growth, shown)
            assert shown == to_html(closed(text[:end]))
            sent += len(growth.blocks[0])
    assert sent < 1.5 * len(text)


@pytest.mark.slow
@pytest.mark.parametrize("sign", ["*a", "[", "`a ", "[a](b) ", "- a\n", "|a|b|\n|--|--|\n", "<a ", "\\*", "a\n", "> "])
def test_what_is_sent_grows_with_the_length_of_a_reply_and_not_with_its_square(sign: str) -> None:
    def sent(length: int) -> int:
        text, stream = sign * (length // len(sign)), MarkdownStream()
        growths = (stream.grow(text[:end]) for end in range(20, len(text), 20))
        return sum(len("".join(growth.blocks)) for growth in growths if growth)

    assert sent(16_000) <= 6 * sent(4_000), "four times as much, and a little slack"
