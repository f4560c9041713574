"""Lazy imports: what a start loads, and what waits until somebody needs it."""

from __future__ import annotations

import re
import urllib.request
from pathlib import Path

import pytest

from tests.e2e.product import Product

LATER = {
    *(
        "aiohttp",
        "alembic",
        "argon2",
        "authlib",
        "cryptography",
        "email_validator",
        "httpx",
        "ifaddr",
        "joserfc",
        "langchain_core",
    ),
    *("langchain_openai", "openai", "PIL", "prometheus_client", "pymorphy3", "pythonjsonlogger", "redis", "requests"),
    *("psycopg", "snowballstemmer", "wsgiref", "zxcvbn"),
}
"""Each takes megabytes or a tenth of a second."""
MODULES_LATER = {"ui.api.application", "ui.api.schemas", "pydantic.v1.main"}
"""The JSON API, whose routes with their schemas take a tenth of the start, and models that nobody has."""
CONNECTED = {"BASE_URL": "http://127.0.0.1:9/v1", "API_KEY": "a-key", "LLM_MODEL": "a model"}


@pytest.mark.slow
@pytest.mark.parametrize("settings", [pytest.param({}, marks=pytest.mark.slow), CONNECTED], ids=["demo", "connected"])
def test_heavy_libraries_are_not_loaded_for_the_first_page(tmp_path: Path, settings: dict[str, str]) -> None:
    ordinary = Product(tmp_path, **settings)
    ordinary.start()  # the very first start, which makes the tables
    ordinary.stop()
    root = Path(__file__).parents[1]
    product = Product(tmp_path, program=("-X", "importtime", str(root / "main.py")), **settings)
    product.log.unlink()
    product.start()
    try:
        with urllib.request.urlopen(product.url) as answer:
            assert "Беседа" in answer.read().decode()
    finally:
        product.stop()
    modules = set(re.findall(r"import time:.*\| +(\w+(?:\.\w+)+)", product.log.read_text()))
    packages = {name.partition(".")[0] for name in modules}
    assert "nicegui" in packages
    assert packages & LATER == set()
    assert modules & MODULES_LATER == set()
