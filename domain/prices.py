"""Prices of the models: roubles per 1,000 tokens, read and written, as configured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

MILLION = 1_000_000
"""Costs are stored in millionths of a rouble: whole numbers, which add up exactly."""
DEAREST = 100_000
"""Maximum price, in roubles per 1,000 tokens; a higher one is a typo."""


@dataclass(frozen=True)
class Price:
    """Millionths of a rouble per 1,000 tokens read and written."""

    read: int
    written: int


class Prices:
    def __init__(self, prices: Mapping[str, Price] | None = None) -> None:
        self._prices = dict(prices or {})

    def cost(self, model: str, tokens_in: int, tokens_out: int) -> int | None:
        """The cost in millionths of a rouble, rounded; None if the model has no configured price."""
        price = self._prices.get(model)
        if price is None:
            return None
        return (tokens_in * price.read + tokens_out * price.written + 500) // 1000


def read_prices(text: str) -> dict[str, Price]:
    """Parse `model=in/out,model=both`; raises `ValueError` with a plain message for anything else."""
    prices: dict[str, Price] = {}
    for each in filter(None, (part.strip() for part in text.split(","))):
        model, _, numbers = (part.strip() for part in each.rpartition("="))
        read, is_split, written = numbers.partition("/")
        if not model or model in prices:
            raise ValueError("is a list like yandexgpt-lite/latest=0.2,yandexgpt/latest=0.4/1.2, each model once")
        prices[model] = Price(_millionths(read), _millionths(written if is_split else read))
    return prices


def _millionths(roubles: str) -> int:
    try:
        price = Decimal(roubles.strip())
    except InvalidOperation:
        price = Decimal(-1)
    if not price.is_finite() or not 0 <= price <= DEAREST:
        raise ValueError(f"wants roubles for 1,000 tokens, 0 to {DEAREST}, such as yandexgpt-lite/latest=0.2")
    return int((price * MILLION).to_integral_value())
