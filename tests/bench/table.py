"""Benchmark report: the lines of the table, with what was measured, what it is compared with and what it should be."""

from __future__ import annotations

from dataclasses import dataclass

FORM = "{:38} {:>10}  {:22} {:>6}  {:>9}  {}"


@dataclass(frozen=True)
class Line:
    """`value` with its `unit`; `most` limits the ratio to the `reference` if there is one, else the value.

    `least` is a lower limit of the value. A line without limits is there for orientation.
    """

    name: str
    value: float
    unit: str
    most: float | None = None
    reference: tuple[str, float] | None = None
    note: str = ""
    least: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.reference[1] if self.reference else None

    @property
    def verdict(self) -> str:
        if self.least is not None:
            return "reached" if self.value >= self.least else "MISSED"
        if self.most is None:
            return ""
        return "reached" if (self.ratio or self.value) <= self.most else "MISSED"

    def __str__(self) -> str:
        beside = f"{self.reference[0]} {_number(self.reference[1])}" if self.reference else ""
        ratio = f"{self.ratio:.2f}" if self.ratio else ""
        aim = "" if self.most is None else f"≤ {_number(self.most) if self.ratio is None else format(self.most, '.2f')}"
        aim = aim if self.least is None else f"≥ {self.least:.2f}"
        value = _number(self.value) if self.least is None else f"{self.value:.2f}"
        line = FORM.format(self.name, f"{value} {self.unit}".rstrip(), beside, ratio, aim, self.verdict)
        return "\n".join([line.rstrip(), *([f"    {self.note}"] if self.note else [])])


HEAD = FORM.format("", "measured", "beside", "ratio", "aim", "").rstrip()


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"
