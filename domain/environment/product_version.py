"""The version of the product, as its own pyproject.toml names it."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


@cache
def product_version() -> str:
    """Empty if pyproject.toml was not copied along with Beseda."""
    return str(tomllib.loads(PROJECT.read_text("utf-8"))["project"]["version"]) if PROJECT.exists() else ""
