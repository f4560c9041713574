"""E-mail texts: in text and HTML, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from domain.language import Texts
from domain.mail.letters import Button, Code, Mail, already_here_letter, log_in_letter, nobody_here_letter, written
from domain.mail.measure_letters import appeal_letter, happened, lifted_letter
from domain.moderation.measure import FOR_CHARACTERS, FOR_PEOPLE, MeasureKind

LINK = "https://beseda.test/log-in/a-token"
SITE = "https://beseda.test"


def as_read(html: str) -> str:
    """Text that a mail program shows; asserts that the tags match."""

    class Reading(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.shown: list[str] = []
            self.open: list[str] = []

        def handle_starttag(self, tag: str, _attributes: object) -> None:
            if tag != "meta":
                self.open.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert self.open.pop() == tag, f"</{tag}> closes something else"

        def handle_data(self, data: str) -> None:
            if "style" not in self.open and data.strip():
                self.shown.append(data.strip())

    reading = Reading()
    reading.feed(html)
    reading.close()
    assert not reading.open
    return "\n".join(reading.shown)


@pytest.mark.parametrize(("language", "hello"), [("ru", "Здравствуйте"), ("en", "Hello")])
def test_text_and_html_say_the_same_in_the_readers_language(language: str, hello: str) -> None:
    letter = log_in_letter(Texts(language), "ira@example.org", LINK, "042137")
    assert letter.text.startswith(hello)
    said = [line for line in letter.text.splitlines() if line and line != LINK]
    shown = as_read(letter.html).splitlines()
    assert [line for line in shown if line in said] == said
    assert "042137" in said
    assert letter.subject.endswith("042137")


def test_what_comes_from_people_is_only_text_in_a_letter() -> None:
    letter = written(
        "ira@example.org", "Тема", "Привет, <b>Ира</b> & {Борис}", Button("<Войти>", 'x"><script>'), Code("1")
    )
    assert "Привет, <b>Ира</b> & {Борис}" in as_read(letter.html)
    assert "<script>" not in letter.html
    assert "<b>" not in letter.html


@pytest.mark.parametrize(
    ("kind", "character"), [*((kind, "") for kind in FOR_PEOPLE), *((kind, "Тихон") for kind in FOR_CHARACTERS)]
)
def test_a_letter_about_what_is_over_does_not_say_that_it_goes_on(kind: MeasureKind, character: str) -> None:
    letter = lifted_letter(Texts("ru"), "ira@example.org", kind, character, SITE)
    assert happened(Texts("ru"), kind, character) not in letter.text
    assert re.search("больше не|снят", letter.text)
    assert f"{SITE}/notices" in letter.text.splitlines(), "the button leads to where it can be read"
    assert character in letter.text


def test_whoever_was_right_reads_what_holds_now() -> None:
    letter = appeal_letter(Texts("ru"), "ira@example.org", "read_only", "", granted=True, answer="", link=SITE)
    assert letter.text.index("Вы правы") < letter.text.index("«только чтение» с вашего аккаунта в «Беседе» снято")
    refused = appeal_letter(Texts("ru"), "ira@example.org", "read_only", "", granted=False, answer="", link=SITE)
    assert "снято" not in refused.text
    assert all(f"{SITE}/notices" in each.text.splitlines() for each in (letter, refused))


@pytest.mark.parametrize("write", [already_here_letter, nobody_here_letter])
def test_a_letter_about_the_other_way_in_carries_no_key(write: Callable[[Texts, str, str], Mail]) -> None:
    letter = write(Texts("ru"), "ira@example.org", "https://beseda.test/log-in")
    assert "https://beseda.test/log-in" in letter.text.splitlines()
    assert not any(sign.isdigit() for sign in letter.subject + letter.text)
