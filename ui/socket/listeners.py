"""Listener schemas: what each listener of a page accepts: ours declare it in `TAKES`, the framework's go by kind.

An undeclared event of a component is refused, so none can be forgotten; tests/ui/access/test_listeners.py builds the
table from the real pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from nicegui import ui
from nicegui.dependencies import JsComponent
from nicegui.element import Element
from nicegui.elements.mixins.value_element import ValueElement

from ui.socket.shapes import Amount, Flag, Maybe, Number, Shape, Small, Takes, Text

OURS = Path(__file__).parents[1]
LINE = 2_000
LINES = 20_000
"""Maximum characters of a field without a `maxlength`, of one line or of several: more than any rule of the domain
allows, so that the domain's error is the one people see."""

WAYS = ("sub_pages_open", "sub_pages_navigate")
"""Events by which the framework's own script reports where the browser has gone."""


@dataclass(frozen=True)
class ListenerSchema:
    """Arguments that an event may have. `shape` is that of its only argument; None if it has none."""

    shape: Shape | None
    takes_all: bool = False
    """True if the shape is that of all arguments together: for the browser's own events, which nobody reads."""

    @property
    def longest(self) -> int:
        return self.shape.longest if self.shape else 0

    @property
    def largest(self) -> int:
        """The maximum length of the arguments as JSON, checked before parsing: any character may be an escape."""
        return 6 * self.longest + (20_000 if self.takes_all else 2_000)

    def fits(self, arguments: list[object]) -> bool:
        if self.shape is None:
            return not arguments
        if self.takes_all:
            return self.shape.fits(arguments)
        return len(arguments) == 1 and self.shape.fits(arguments[0])


def schema_for(element: Element, kind: str) -> ListenerSchema | None:
    """None when the event is not declared."""
    takes: Takes | None = getattr(type(element), "TAKES", None)
    if takes is not None:
        return ListenerSchema(takes[kind]) if kind in takes else None
    if is_ours(element):
        return None
    if kind in WAYS:
        return ListenerSchema(Text(LINE))
    if isinstance(element, ValueElement) and kind == f"update:{_camel(element.VALUE_PROP)}":
        return ListenerSchema(_value_of(element))
    return ListenerSchema(Small(), takes_all=True)


def is_ours(element: Element) -> bool:
    """Whether its JavaScript is our own; a component of the framework may be dressed by a class of ours."""
    return isinstance(element.component, JsComponent) and element.component.path.is_relative_to(OURS)


def _value_of(element: ValueElement[object]) -> Shape:
    match element:
        case ui.select():
            shape: Shape = _Chosen(len(element.options))
        case ui.radio():
            shape = Number(0, len(element.options) - 1)
        case ui.number():
            shape = _Typed()
        case ui.slider():
            shape = Amount()
        case ui.textarea():
            shape = _text(element, LINES)
        case ui.input():
            shape = _text(element, LINE)
        case _:
            shape = Flag()
    may_be_empty = isinstance(element, ui.number | ui.dark_mode | ui.checkbox)
    return Maybe(shape) if may_be_empty else shape


def _text(element: ui.input, usual: int) -> Shape:
    return Text(int(element.props.get("maxlength", usual)))


@dataclass(frozen=True)
class _Chosen:
    """One of a number of options, as Quasar sends it: by index and label."""

    options: int
    longest: int = 300

    def fits(self, value: object) -> bool:
        return isinstance(value, dict) and Number(0, self.options - 1).fits(value.get("value")) and Small().fits(value)


@dataclass(frozen=True)
class _Typed:
    """The text typed in a number field."""

    longest: int = 40

    def fits(self, value: object) -> bool:
        if isinstance(value, str) and len(value) <= self.longest:
            try:
                return not value or isfinite(float(value))
            except ValueError:
                return False
        return Amount().fits(value)


def _camel(name: str) -> str:
    first, *others = name.split("-")
    return first + "".join(other.capitalize() for other in others)
