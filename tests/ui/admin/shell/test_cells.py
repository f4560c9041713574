"""Table cells: what admins read in those of their lists."""

from __future__ import annotations

import pytest

from domain.language import Texts
from ui.admin.shell.cells import money


@pytest.mark.parametrize(
    ("millionths", "read"),
    [(0, "0,00 ₽"), (1, "< 0,01 ₽"), (9_999, "< 0,01 ₽"), (10_000, "0,01 ₽"), (12_400_000, "12,40 ₽")],
)
def test_what_is_less_than_a_kopeck_is_not_nothing(millionths: int, read: str) -> None:
    assert money(Texts("ru"), millionths).replace("\xa0", " ") == read
