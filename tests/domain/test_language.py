"""Translations: complete, with the right plurals and placeholders."""

from __future__ import annotations

import ast
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords
from babel.messages.pofile import read_po

from domain.errors import InvalidForm
from domain.language import LANGUAGES, TRANSLATIONS, Texts, best_language, read_catalogue

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)

SHOWN = {"_", "Invalid", "NotFound", "NotAllowed", "SignedOut", "Blocked", "Busy"}
"""Whose first argument is translated."""

Key = str | tuple[str, str]


def texts_in_code() -> Iterator[Key]:
    """Texts that `make texts` finds, by its own list of keywords; (one, many) for those with a plural."""
    recipe = (ROOT / "Makefile").read_text("utf-8").split("pybabel -q extract")[1].split("pybabel -q update")[0]
    keywords = DEFAULT_KEYWORDS | parse_keywords(re.findall(r"-k (\S+)", recipe))
    for room in ("domain", "ui"):
        for _file, _line, text, _comments, _context in extract_from_dir(str(ROOT / room), keywords=keywords):
            yield (text[0], text[1]) if isinstance(text, tuple) else text


@pytest.fixture(scope="module")
def russian() -> Catalog:
    with (TRANSLATIONS / "ru.po").open("rb") as file:
        return read_po(file, locale="ru")


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def make_folder(kept: Path) -> None:
    """Put a folder in the file's place, so that nobody, not even root, can keep a file there."""
    kept.unlink()
    kept.mkdir()


def empty(kept: Path) -> None:
    kept.write_bytes(b"")


def cut_off(kept: Path) -> None:
    kept.write_bytes(kept.read_bytes()[:100])


@pytest.mark.source
def test_every_text_has_its_russian(russian: Catalog) -> None:
    missing = []
    for key in texts_in_code():
        message = russian.get(key if isinstance(key, str) else key[0])
        filled = message.string if message else ""
        forms = filled if isinstance(filled, tuple | list) else (filled,)
        if message is None or message.fuzzy or not all(forms) or len(forms) != (1 if isinstance(key, str) else 3):
            missing.append(key)
    assert not missing, "these would be shown in English: `make texts`, then fill them in"


def test_a_catalogue_is_compiled_once_for_its_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "ru.po"
    source.write_text(UNFINISHED)
    catalogue = read_catalogue(source)
    assert catalogue.gettext('She said "no",\nand\tleft.') == "Она сказала «нет»\nи ушла \\ убежала."
    assert catalogue.gettext("Not yet.") == "Not yet."
    with monkeypatch.context() as without_babel:
        without_babel.setitem(sys.modules, "babel.messages.pofile", None)
        assert read_catalogue(source).gettext("a cat") == catalogue.gettext("a cat")

    source.write_text(UNFINISHED.replace('msgid "Not yet."\nmsgstr ""', 'msgid "Not yet."\nmsgstr "Ещё нет."', 1))
    os.utime(source, (0, 0))  # older than the compiled file, as files of an archive may be
    assert read_catalogue(source).gettext("Not yet.") == "Ещё нет."
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ru.po", "ru.po.compiled"]


@pytest.mark.parametrize("damage", [empty, cut_off, make_folder])
def test_what_is_damaged_or_cannot_be_kept_is_compiled_anew(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    source, kept = tmp_path / "ru.po", tmp_path / "ru.po.compiled"
    source.write_text(UNFINISHED)
    read_catalogue(source)
    damage(kept)
    assert read_catalogue(source).gettext("Not yet.") == "Not yet."
    assert {path.name for path in tmp_path.iterdir()} == {"ru.po", "ru.po.compiled"}


UNFINISHED = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

#: somewhere.py:12
msgid ""
"She said \"no\","
"\nand\tleft."
msgstr ""
"Она сказала «нет»\n"
"и ушла \\ убежала."

msgid "Not yet."
msgstr ""

msgid "a cat"
msgid_plural "{n} cats"
msgstr[0] "кот"
msgstr[1] ""

#~ msgid "Not yet."
#~ msgstr "Когда-то было."
"""


@pytest.mark.source
def test_the_extraction_finds_texts_of_every_kind() -> None:
    found = set(texts_in_code())
    assert {"Today", "This username is taken.", ("{n} character", "{n} characters")} <= found
    assert len(found) > 100


@pytest.mark.source
def test_no_text_hides_from_the_extraction_within_another_one() -> None:
    """The extraction does not look into f-strings: that is why Russians were shown «Period»."""
    hidden = [
        (str(file.relative_to(ROOT)), call.args[0].value)
        for room in ("domain", "ui")
        for file in (ROOT / room).rglob("*.py")
        for outer in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(outer, ast.JoinedStr)
        for call in ast.walk(outer)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "_"
        if call.args and isinstance(call.args[0], ast.Constant)
    ]
    known = set(texts_in_code())
    assert [each for each in hidden if each[1] not in known] == []


def said_by(node: ast.AST) -> Iterator[str]:
    """Literals that an expression may evaluate to: both of a condition, the values of a table."""
    match node:
        case ast.Constant(value=str(text)) if text:
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from (*said_by(one), *said_by(other))
        case ast.BoolOp(values=parts) | ast.Dict(values=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from said_by(part)


def named_texts(tree: ast.AST) -> dict[str, set[str]]:
    """Unmarked texts in the variables of a module, by name."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                found.setdefault(name, set()).update(said_by(value))
    return found


@pytest.mark.source
def test_no_text_hides_from_the_extraction_in_a_variable() -> None:
    """The extraction reads the texts in a call, not those in a variable: they need `N_`."""
    known = {each if isinstance(each, str) else each[0] for each in texts_in_code()}
    trees = {
        file.relative_to(ROOT): ast.parse(file.read_text("utf-8"))
        for room in ("domain", "ui")
        for file in (ROOT / room).rglob("*.py")
    }
    named = {file: named_texts(tree) for file, tree in trees.items()}
    hidden = set()
    for file, tree in trees.items():
        variables = dict(named[file])
        for node in ast.walk(tree):
            match node:
                case ast.ImportFrom(module=str(module)):
                    there = named.get(Path(module.replace(".", "/") + ".py"), {})
                    variables |= {each.name: there[each.name] for each in node.names if each.name in there}
                case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[text, *_]) if name in SHOWN:
                    table = text.value if isinstance(text, ast.Subscript) else text
                    words = said_by(text) if not isinstance(table, ast.Name) else variables.get(table.id, ())
                    hidden |= {(str(file), each) for each in words if each not in known}
    assert not hidden


@pytest.mark.source
def test_the_sentence_above_a_refused_form_has_its_russian() -> None:
    text = InvalidForm([]).text
    assert Texts("ru")(text) != text


@pytest.mark.source
def test_translations_keep_the_named_places(russian: Catalog) -> None:
    for message in russian:
        if not message.id:
            continue
        if isinstance(message.id, str):
            assert isinstance(message.string, str)
            assert places(message.string) == places(message.id), message.id
        else:
            wanted = places(message.id[1])
            for form in message.string or ():
                assert places(form) == wanted, message.id


@pytest.mark.source
def test_no_text_is_translated_twice() -> None:
    source = (TRANSLATIONS / "ru.po").read_text("utf-8")
    twice = [key for key, times in Counter(re.findall(r'^msgid "(.+)"$', source, re.MULTILINE)).items() if times > 1]
    assert not twice


@pytest.mark.parametrize(
    ("n", "said"),
    [
        *((0, "0 персонажей"), (1, "1 персонаж"), (2, "2 персонажа"), (4, "4 персонажа"), (5, "5 персонажей")),
        *((11, "11 персонажей"), (12, "12 персонажей"), (21, "21 персонаж"), (22, "22 персонажа")),
        *((111, "111 персонажей"), (1001, "1\xa0001 персонаж")),
    ],
)
def test_russian_counts_as_russian_does(n: int, said: str) -> None:
    assert Texts("ru").plural("{n} character", "{n} characters", n) == said


def test_english_counts_as_english_does() -> None:
    plural = Texts("en").plural
    assert [plural("{n} character", "{n} characters", n) for n in (0, 1, 2, 1500)] == [
        "0 characters",
        "1 character",
        "2 characters",
        "1,500 characters",
    ]


def test_values_are_filled_in_and_never_read_as_templates() -> None:
    for language in LANGUAGES:
        text = Texts(language)("There is no account with {email}.", email="{0.__class__} %s")
        assert "{0.__class__} %s" in text


def test_a_text_without_a_translation_is_shown_as_it_is() -> None:
    assert Texts("ru")("No such key {at all}") == "No such key {at all}"


@pytest.mark.parametrize("language", ["", "tlh", "../../etc/passwd"])
def test_an_unknown_language_is_russian(language: str) -> None:
    assert Texts(language).language == "ru"


@pytest.mark.parametrize(
    ("moment", "russian", "english"),
    [
        (NOW, "Сегодня", "Today"),
        (NOW - timedelta(hours=12), "Сегодня", "Today"),
        (NOW - timedelta(hours=13), "Вчера", "Yesterday"),
        (NOW - timedelta(days=2), "10 мая", "10 May"),
        (datetime(2026, 1, 1, tzinfo=UTC), "1 января", "1 January"),
        (datetime(2025, 5, 12, tzinfo=UTC), "12 мая 2025 г.", "May 12, 2025"),
    ],
)
def test_days_are_named_as_people_name_them(moment: datetime, russian: str, english: str) -> None:
    assert Texts("ru").day(moment, NOW).replace("\u202f", " ") == russian
    assert Texts("en").day(moment, NOW) == english


def test_days_and_hours_are_those_of_the_reader() -> None:
    late = datetime(2026, 5, 11, 21, 30, tzinfo=UTC)  # past midnight in Moscow already
    texts = Texts("ru")
    assert texts.day(late, NOW, "Europe/Moscow") == "Сегодня"
    assert texts.day(late, NOW, "Europe/London") == "Вчера"
    assert texts.time(late, "Europe/Moscow") == "00:30"
    assert texts.time(late) == "21:30"
    assert Texts("en").time(late).replace("\u202f", " ") == "9:30 PM"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("ru-RU,ru;q=0.9,en-US;q=0.8", "ru"),
        ("en-US,en;q=0.9,ru;q=0.8", "en"),
        ("EN-gb", "en"),
        ("de-DE,de;q=0.9,en;q=0.8", "en"),
        ("uk,be;q=0.9", "ru"),
        ("*", "ru"),
        ("", "ru"),
        (";;;,,,=q", "ru"),
        ("english", "ru"),
    ],
)
def test_the_browsers_wish_is_heard(accepted: str, language: str) -> None:
    assert best_language(accepted) == language
