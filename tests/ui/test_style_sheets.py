"""Style sheets use the tokens and the breakpoints, and each class has one home."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.source

ROOT = Path(__file__).parents[2]
UI = ROOT / "ui"
TOKENS, BASE = "tokens.css", "beseda.css"
SHEETS = {path.name: path.read_text("utf-8") for room in ("assets/css", "ui") for path in (ROOT / room).rglob("*.css")}

BREAKPOINTS = {380, 600, 700, 720, 760, 900, 1000, 1024, 1280}  # what each is for stands in tokens.css
FRAMEWORK = ("q-", "nicegui-", "body--", "bg-", "text-", "no-outline")  # Quasar's and NiceGUI's, dressed in BASE
FROM_DATA = {  # what pages take from the words of a list
    *("maintenance", "warning"),  # levels of an announcement
    "char",  # whose turn it is in an example
    "without",  # an interest as a filter
    *("search", "date"),  # kinds of an admin's filter
}

SPACE = re.compile(
    r"(row-|column-)?gap|border-spacing|(scroll-)?(margin|padding)(-.*)?|inset(-.*)?|top|right|bottom|left"
)
LINES = re.compile(
    r"(border|outline)(-(top|right|bottom|left|(block|inline)(-start|-end)?|width|offset))?|text-underline-offset"
)
SIZE = re.compile(r"(min-|max-)?(width|height)|flex(-basis)?|grid-template-columns")

SPACES_BETWEEN_THE_STEPS = {
    "1px": "the width of a line, left out or drawn over",
    "3px": "around the composer's buttons, which with the border make 48px",
    "5px": "between dots, and beside the digits of a badge",
    "7px": "beside the digits of a badge, where a border leaves the eighth pixel",
    "9px": "a field of one line with its border is as high as a button",
    "14px": "beside the words of a bubble",
    "60px": "between what is focused and the bar it must not hide behind",
}
WIDEST_LINE = 4
ONCE = {  # drawings: their numbers mean something in one place only
    (".admin-switch input", "background"): "the knob",
    (".admin-switch input:checked", "background"): "the knob",
    (".crop-face", "box-shadow"): "a shadow wide enough for everything outside of the circle",
    (".caret", "border-radius"): "half a pixel off a line of text",
    (".filter-strip", "mask-image"): "black is what a mask lets through",
    (".editor-tabs", "mask-image"): "as above",
}
COLOUR = re.compile(
    r"#[0-9a-f]{3,8}\b|\b(rgb|hsl|oklch|lab)a?\(|\b(white|black|red|green|blue|gray|grey)\b", re.IGNORECASE
)
PIXELS = re.compile(r"(?<![\w.-])-?(\d*\.?\d+px)")
CALL = re.compile(r"(?:\bclasses|classList\.\w+)\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)")
TIME = re.compile(r"(?<![\w.-])\d*\.?\d+m?s\b")


@dataclass(frozen=True)
class Rule:
    sheet: str
    selectors: tuple[str, ...]
    declarations: tuple[tuple[str, str], ...]


def bare(sheet: str) -> str:
    return re.sub(r"/\*.*?\*/", " ", SHEETS[sheet], flags=re.DOTALL)


def rules(*, without: str = "") -> Iterator[Rule]:
    for sheet in SHEETS:
        if sheet == without:
            continue
        for head, body in re.findall(r"([^{};]+)\{([^{}]*)\}", bare(sheet)):
            said = [each.partition(":") for each in body.split(";") if each.strip()]
            declarations = tuple((name.strip(), " ".join(value.split())) for name, _, value in said)
            yield Rule(sheet, tuple(apart(" ".join(head.split()))), declarations)


def apart(selectors: str) -> list[str]:
    """Split selectors at the commas outside of brackets."""
    parts, depth = [""], 0
    for each in selectors:
        depth += {"(": 1, ")": -1}.get(each, 0)
        if each == "," and not depth:
            parts.append("")
        else:
            parts[-1] += each
    return [part.strip() for part in parts]


def classes(selector: str) -> set[str]:
    return set(re.findall(r"\.(-?[a-zA-Z_][\w-]*)", re.sub(r"\[[^\]]*\]", "", selector)))


def our_classes(selector: str) -> set[str]:
    return {each for each in classes(selector) if not each.startswith(FRAMEWORK)}


def literals(name: str, value: str) -> list[str]:
    """Literal values of a declaration where it should name a token."""
    found = [match[0] for match in COLOUR.finditer(value)]
    pixels = [match[1] for match in PIXELS.finditer(value)]
    if SPACE.fullmatch(name):
        found += [each for each in pixels if each not in SPACES_BETWEEN_THE_STEPS]
    elif LINES.fullmatch(name) or name == "box-shadow":
        found += [each for each in pixels if float(each.removesuffix("px")) > WIDEST_LINE]
    elif not SIZE.fullmatch(name):  # how wide or high a thing is is its own affair
        found += pixels
    if name in {"font-size", "font"}:
        found += re.findall(r"(?<![\w.-])\d*\.?\d+(?:rem|pt|%)", value.partition("/")[0])
    if name.startswith(("transition", "animation")):
        found += TIME.findall(value)
    if name == "z-index" and not value.startswith("var("):
        found.append(value)
    return found


def test_no_sheet_but_that_of_the_tokens_writes_a_colour_or_a_measure() -> None:
    written = [
        f"{rule.sheet}: {', '.join(rule.selectors)} {{ {name}: {value} }} writes {', '.join(found)}"
        for rule in rules(without=TOKENS)
        for name, value in rule.declarations
        if (found := literals(name, value)) and not any((each, name) in ONCE for each in rule.selectors)
    ]
    assert not written, "\n".join(written)


def test_type_follows_the_size_that_its_reader_has_set_in_the_browser() -> None:
    sizes = re.findall(r"(--text-[\w-]+):\s*([^;]+);", bare(TOKENS))
    assert sizes
    assert [size for size in sizes if not size[1].endswith("rem")] == []
    typed = [
        f"{rule.sheet}: {name}: {value}"
        for rule in rules()
        for name, value in rule.declarations
        if name in {"font", "font-size", "line-height"} and "px" in value
    ]
    assert typed == []


def test_every_exception_is_needed() -> None:
    said = [(rule.selectors, name, value) for rule in rules(without=TOKENS) for name, value in rule.declarations]
    needed = {(each, name) for selectors, name, value in said if literals(name, value) for each in selectors}
    assert ONCE.keys() <= needed
    spaces = {each for _, name, value in said if SPACE.fullmatch(name) for each in PIXELS.findall(value)}
    assert spaces == SPACES_BETWEEN_THE_STEPS.keys()


def test_every_token_that_is_used_is_defined_and_every_one_defined_is_used() -> None:
    programs = "\n".join(path.read_text("utf-8") for path in sources())
    used = set(re.findall(r"var\((--[\w-]+)", "\n".join(map(bare, SHEETS)) + programs))
    defined = set(re.findall(r"(--[\w-]+):", bare(TOKENS)))
    set_by_a_program = {each for each in used if f"'{each}'" in programs}
    assert used - set_by_a_program == defined


def test_pages_change_at_the_breakpoints_that_are_named_and_nowhere_else() -> None:
    scripts = [path.read_text("utf-8") for path in sources() if path.suffix == ".js"]
    asked = re.findall(r"@media([^{]+)|matchMedia\(([^)]*\)?)", "\n".join([*map(bare, SHEETS), *scripts]))
    about_width = [query for pair in asked for query in pair if "width" in query]
    assert {int(px) for query in about_width for px in re.findall(r"(\d+)px", query)} == BREAKPOINTS
    assert not [each for each in about_width if "min-width" in each or "max-width" in each], "two ways to say one thing"
    named = {int(px) for px in re.findall(r"^ +(\d+)px  \S", SHEETS[TOKENS], re.MULTILINE)}
    assert named == BREAKPOINTS


def homes() -> dict[str, set[str]]:
    """The sheets that style each class by itself; a class that never stands alone is at home in the only sheet that
    names it.
    """
    alone: dict[str, set[str]] = defaultdict(set)
    named: dict[str, set[str]] = defaultdict(set)
    for rule in rules():
        for selector in rule.selectors:
            ours = our_classes(selector)
            for each in ours:
                named[each].add(rule.sheet)
                if len(ours) == 1:
                    alone[each].add(rule.sheet)
    return {each: alone[each] or (sheets if len(sheets) == 1 else set()) for each, sheets in named.items()}


def test_a_class_is_styled_by_itself_in_one_sheet_only() -> None:
    assert not {each: sorted(sheets) for each, sheets in homes().items() if len(sheets) > 1}


def test_a_sheet_styles_what_is_at_home_elsewhere_only_within_something_of_its_own() -> None:
    home = homes()
    strangers = [
        f"{rule.sheet}: {selector}"
        for rule in rules(without=TOKENS)
        for selector in rule.selectors
        if not re.fullmatch(r"from|to|\d+%", selector)  # a moment of an animation
        if rule.sheet != BASE or our_classes(selector)  # which styles elements and the framework, too
        if not any(rule.sheet in home[each] for each in our_classes(selector))
    ]
    assert not strangers, "\n".join(strangers)


def sources() -> list[Path]:
    return [path for path in UI.rglob("*") if path.suffix in {".py", ".js"}]


def words_of_markup() -> set[str]:
    """Every word in a place where classes are given: `.classes(…)`, `class="…"`, `classList.add(…)`."""
    words: set[str] = set()
    for path in sources():
        text = path.read_text("utf-8")
        given = CALL.findall(text) + re.findall(r"className = (.*)", text)
        given += [value for _, value in re.findall(r":?\bclass=\\?([\"'])(.*?)\1", text, re.DOTALL)]
        words.update(re.findall(r"[\w-]+", " ".join(given)))
    return words


def test_no_class_is_styled_that_no_page_has() -> None:
    styled = {each for rule in rules() for selector in rule.selectors for each in our_classes(selector)}
    assert styled - words_of_markup() == FROM_DATA
