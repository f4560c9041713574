"""Charts of the overview: ECharts in the colours of our tokens, each with its table for screen readers.

Drawn as SVG, so that a colour can be a CSS custom property and follow the theme by itself. Nothing is animated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from domain.language import Texts
from ui.admin.shell.admin_table import AdminRows, Column

INKS = ("var(--accent)", "var(--positive)", "var(--muted)")
"""Colours of the series, in order."""
IN_WORDS = "number => Number(number).toLocaleString(document.documentElement.lang)"
"""JavaScript that formats a number in the page's language."""
FONT = "Roboto, system-ui, sans-serif"


class Shape(Enum):
    LINES = auto()
    BARS = auto()
    LYING_BARS = auto()


@dataclass(frozen=True)
class Series:
    name: str
    values: Sequence[int]


class Chart:
    """One chart and the same as a table. Horizontal bars have their labels on the left."""

    def __init__(
        self,
        _: Texts,
        name: str,
        of: str,
        labels: Sequence[str],
        series: Sequence[Series],
        *,
        shape: Shape = Shape.LINES,
    ) -> None:
        self._texts = _
        self._shape = shape
        chart = ui.echart(self._options(labels, series), renderer="svg").classes("admin-chart")
        chart.props["role"] = "img"
        chart.props["aria-label"] = name
        self._chart = chart
        columns = [Column("label", of), *(Column(each.name, each.name, is_number=True) for each in series)]
        with ui.element("details").classes("admin-fold"):
            TextElement(tag="summary", text=_("Show as table"))
            self._table = AdminRows(columns, self._rows(labels, series), caption=name, empty="")

    def show(self, labels: Sequence[str], series: Sequence[Series]) -> None:
        self._chart.options.clear()
        self._chart.options.update(self._options(labels, series))
        self._chart.update()
        self._table.show(self._rows(labels, series))

    def _rows(self, labels: Sequence[str], series: Sequence[Series]) -> list[dict[str, str]]:
        number = self._texts.number
        return [
            {"label": label, **{each.name: number(each.values[at]) for each in series}}
            for at, label in enumerate(labels)
        ]

    def _options(self, labels: Sequence[str], series: Sequence[Series]) -> dict[str, Any]:
        names = {"type": "category", "data": list(labels), "axisTick": {"show": False}, **_axis()}
        values = {"type": "value", "minInterval": 1, "splitLine": {"lineStyle": {"color": "var(--line)"}}, **_axis()}
        values["axisLabel"][":formatter"] = IN_WORDS
        names["inverse"] = self._shape == Shape.LYING_BARS
        return {
            "animation": False,
            "textStyle": {"fontFamily": FONT},
            "grid": {"left": 8, "right": 32, "top": 36, "bottom": 8, "containLabel": True},
            "legend": {"top": 0, "left": 0, "itemHeight": 10, "textStyle": {"color": "var(--ink)"}},
            "tooltip": {
                "trigger": "axis",
                "transitionDuration": 0,
                ":valueFormatter": IN_WORDS,
                "backgroundColor": "var(--raised)",
                "borderColor": "var(--line)",
                "textStyle": {"color": "var(--ink)", "fontFamily": FONT},
            },
            "xAxis": values if self._shape == Shape.LYING_BARS else names,
            "yAxis": names if self._shape == Shape.LYING_BARS else values,
            "series": [self._drawn(each, INKS[at]) for at, each in enumerate(series)],
        }

    def _drawn(self, series: Series, ink: str) -> dict[str, Any]:
        drawn = {"name": series.name, "data": list(series.values), "color": ink, "emphasis": {"disabled": True}}
        if self._shape != Shape.LINES:
            return drawn | {"type": "bar", "barMaxWidth": 18, "itemStyle": {"color": ink}}
        return drawn | {"type": "line", "showSymbol": len(series.values) == 1, "lineStyle": {"color": ink, "width": 2}}


def _axis() -> dict[str, Any]:
    return {"axisLine": {"lineStyle": {"color": "var(--line)"}}, "axisLabel": {"color": "var(--muted)"}}
