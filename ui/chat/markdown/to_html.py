"""Markdown rendering: message text as safe HTML: the little Markdown people use in a chat, and nothing else.

Written from the parser's events rather than from its HTML, so that what we do not show (raw HTML, pictures) turns into
visible text instead of vanishing. nh3 sanitises the result all the same.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

import nh3
import pyromark

from ui.chat.markdown.verbatim import ADDRESS, address_in, hide, show

# Maximum nesting, deeper than any real text: 16,000 nested quotes would stall the parser, nh3 and the reader's browser.
MAX_DEPTH = 20

# More container marks at the start of one line than MAX_DEPTH. A scene break (* * * * *) does not nest.
_TOO_DEEP = re.compile(
    r"^(?![ \t]*([-*])(?:[ \t]*\1)+[ \t]*$)[ \t]*(?:(?:>|[-+*][ \t]|\d{1,9}[.)][ \t])[ \t]*)"
    rf"{{{MAX_DEPTH + 1}}}",
    re.MULTILINE,
)

# Maximum cells of a table: the parser pads every row with empty cells, even one that has three of a thousand columns.
MOST_CELLS = 5_000

# Put between "]" and ":" while parsing: «[Anna]: hello» is somebody speaking, not a link definition to be swallowed.
_NO_DEFINITION = "\ufdd0"

_TAGS = {
    "Paragraph": "p",
    "HtmlBlock": "p",
    "BlockQuote": "blockquote",
    "Item": "li",
    "Emphasis": "em",
    "Strong": "strong",
    "Strikethrough": "del",
    "Table": "table",
    "TableHead": "tr",
    "TableRow": "tr",
}

_WITH_TABLES = pyromark.Options.ENABLE_STRIKETHROUGH | pyromark.Options.ENABLE_TABLES
_TABLE = {"table", "tr", "th", "td"}
_BY_ITS_WORDS = ' dir="auto"'
"""Attribute of outermost blocks: the first letter decides their direction, right to left for Arabic and Hebrew. For the
paragraphs inside the style sheet does so, since `dir="auto"` ignores text in elements that have a `dir` of their own.
"""

_cleaner = nh3.Cleaner(
    tags={"p", "br", "em", "strong", "del", "code", "pre", "ul", "ol", "li", "blockquote", "a", "hr", *_TABLE},
    attributes={
        "a": {"href", "target"},
        "ol": {"start", "dir"},
        **{tag: {"dir"} for tag in ("p", "ul", "blockquote", "table")},
    },
    url_schemes={"http", "https"},
    url_relative="deny",
    link_rel="noopener nofollow noreferrer",
    set_tag_attribute_values={"pre": {"tabindex": "0"}},  # so that long lines scroll by keyboard, too
)


def to_html(text: str) -> str:
    """`text` as safe HTML for a bubble: p br em strong del code pre ul ol li blockquote a hr table tr th td.

    A single newline is a line break; headings become bold paragraphs; links are http or https only, and a bare address
    is one; formulas stay as they were written. Text nested deeper than `MAX_DEPTH` is shown as it was typed. Takes <
    50 ms for 32 KB of anything.
    """
    return readable_to_html(readable(text))


def readable(text: str) -> str:
    """The text as the parser takes it, of the same length."""
    return hide(text.encode("utf-8", "replace").decode())  # half an emoji (a lone surrogate) cannot be parsed


def readable_to_html(text: str) -> str:
    if not text.strip():
        return ""
    html = None if _TOO_DEEP.search(text) else _Page().write(text)
    return _cleaner.clean(_plain(text) if html is None else html)


def _plain(text: str) -> str:
    return f"<p{_BY_ITS_WORDS}>{_lines(show(text))}</p>"


def _lines(text: str) -> str:
    return escape(text.strip("\n")).replace("\n", "<br>")


def _with_links(text: str) -> str:
    """The text with each address in it as a link that shows all of it."""
    parts, start = [], 0
    for found in ADDRESS.finditer(text):
        address = address_in(found[0])
        parts += [_lines(text[start : found.start()]), f"{_link(address)}{escape(address)}</a>"]
        start = found.start() + len(address)
    return "".join([*parts, _lines(text[start:])])


def _link(url: str) -> str:
    return f'<a href="{escape(url)}" target="_blank">'


def _unpack(event: Any) -> tuple[str, Any]:
    """The parser's `{kind: value}`, or `{tag: detail}` inside it."""
    [(kind, value)] = event.items()
    return kind, value


def parser_options(text: str) -> pyromark.Options:
    """Markdown extensions for this text: tables are read only where they would be no flood of empty cells."""
    lines = text.split("\n")
    has_room = max(line.count("|") for line in lines) * len(lines) <= MOST_CELLS
    return _WITH_TABLES if has_room else pyromark.Options.ENABLE_STRIKETHROUGH


class _Page:
    """One text while it is converted from Markdown events to HTML."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._closing: list[str] = []  # closing tags of the open elements, the innermost last
        self._links: list[tuple[int, str]] = []  # index in `_parts` at which a link's text begins, and its URL
        self._code = False
        self._cell = "td"  # or "th", in the head of a table
        self._shown = False  # whether there is anything to see: a lone "#" is an empty heading

    def write(self, text: str) -> str | None:
        """The HTML, or None when it would nest deeper than `MAX_DEPTH` or show nothing."""
        source = text.replace("]:", f"]{_NO_DEFINITION}:")
        for event in pyromark.events(source, options=parser_options(source)):
            if isinstance(event, str):
                self._parts.append("<hr>" if event == "Rule" else "<br>")  # the other events are soft and hard breaks
                self._shown |= event == "Rule"
                continue
            kind, value = _unpack(event)
            if kind == "Start":
                self._start(value)
                if len(self._closing) > MAX_DEPTH:
                    return None
            elif kind == "End":
                self._end(value)
            else:
                self._text(kind, value)
        return "".join(self._parts).replace(_NO_DEFINITION, "") if self._shown else None

    def _text(self, kind: str, value: str) -> None:
        self._shown = True
        words = show(value)
        if kind == "Code":
            self._parts.append(f"<code>{escape(words)}</code>")
        elif kind == "InlineHtml" or self._code:
            self._parts.append(escape(words))
        elif kind == "Html":  # such a block arrives line by line, with the newlines
            self._parts.append(escape(words).replace("\n", "<br>"))
        else:
            self._parts.append(_lines(words) if "</a>" in self._closing else _with_links(words))

    def _start(self, value: Any) -> None:
        name: str
        detail: Any
        name, detail = (value, None) if isinstance(value, str) else _unpack(value)
        if name in ("Link", "Image"):
            self._start_link(show(detail["dest_url"]))
        elif name == "CodeBlock" and detail != "Indented":
            self._caption(show(detail["Fenced"]))
            self._code = True
            self._open("<pre><code>", "</code></pre>")
        elif name == "CodeBlock":  # an indented line in a chat is a paragraph, not a program
            self._open("<p>", "</p>")
        elif name == "Heading":
            self._open("<p><strong>", "</strong></p>")
        elif name == "List":
            self._open(*(("<ul>", "</ul>") if detail is None else (f'<ol start="{detail}">', "</ol>")))
        else:
            self._cell = {"TableHead": "th", "TableRow": "td"}.get(name, self._cell)
            tag = self._cell if name == "TableCell" else _TAGS[name]
            self._open(f"<{tag}>", f"</{tag}>")

    def _caption(self, words: str) -> None:
        """The text after the opening fence: the name of a language, or whatever somebody wrote there."""
        if words:
            self._parts.append(f"<p{_BY_ITS_WORDS}>{escape(words)}</p>")
            self._shown = True

    def _end(self, name: Any) -> None:
        self._code = False
        if name in ("Link", "Image"):
            begin, url = self._links.pop()
            if len(self._parts) == begin:  # a link without text shows its URL
                self._text("Text", url)
        self._parts.append(self._closing.pop())

    def _start_link(self, url: str) -> None:
        """A link or a picture: pictures become links too, since one from elsewhere reveals who reads it (tracking)."""
        if url.lower().startswith(("http://", "https://")) and "</a>" not in self._closing:
            self._open(_link(url), "</a>")
        else:
            self._open("", "")
        self._links.append((len(self._parts), url))

    def _open(self, opening: str, closing: str) -> None:
        is_outermost = not self._closing and not opening.startswith("<pre>")
        self._parts.append(opening.replace(">", f"{_BY_ITS_WORDS}>", 1) if is_outermost else opening)
        self._closing.append(closing)
