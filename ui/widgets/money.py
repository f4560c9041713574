"""Money as people read it."""

from __future__ import annotations

from babel.numbers import format_currency

from domain.language import Texts
from domain.prices import MILLION


def money(_: Texts, millionths: int) -> str:
    """«12,40 ₽»; less than a kopeck is not shown as zero."""
    if 0 < millionths < MILLION // 100:
        return f"< {_roubles(_, 0.01)}"
    return _roubles(_, millionths / MILLION)


def _roubles(_: Texts, amount: float) -> str:
    """Babel's English does not know the sign and would write “RUB0.00”."""
    return format_currency(amount, "RUB", locale=_.language).replace("RUB", "₽")
