"""Architecture rules of ARCHITECTURE.md: ui → domain → storage, never up; where foreign libraries may be used."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("storage", "domain", "ui")

FORBIDDEN = {
    "storage": {"domain", "ui", "main", "nicegui", "fastapi", "starlette", "langchain_openai", "openai", "pydantic"},
    "domain": {"ui", "main", "nicegui", "fastapi", "starlette", "uvicorn"},
    "ui": {"main", "sqlalchemy", "sqlmodel", "langchain_openai", "openai", "alembic"},
}
ONLY_AT = {
    "langchain_openai": {"domain/llm/yandex.py"},
    "langchain_core": {"domain/llm/yandex.py"},
    "openai": {"domain/llm/chunks.py", "domain/llm/faults.py", "domain/llm/yandex.py"},
    "nh3": {"ui/chat/markdown.py"},
    "authlib": {"ui/account/oauth_client.py"},
    "argon2": {"domain/accounts/passwords.py"},
    "PIL": {"domain/pictures/resize.py", "domain/pictures/link_preview_drawing.py"},
}
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "managers", "manager"}
LONGEST_FILE = 300


def files() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows_point_down(path: Path) -> None:
    name = path.relative_to(ROOT)
    for module in imports(path):
        top = module.split(".")[0]
        assert top not in FORBIDDEN[name.parts[0]], f"{name} must not import {module}"
        if top in ONLY_AT:
            assert str(name) in ONLY_AT[top], f"{top} is imported by {ONLY_AT[top]} only, not by {name}"


def test_no_file_is_a_drawer_for_everything() -> None:
    drawers = [str(path.relative_to(ROOT)) for path in files() if path.stem in DRAWERS]
    assert not drawers, "a thing without a room needs a thought about the house, not a drawer"


def test_files_stay_within_one_subject() -> None:
    data = {"domain/llm/demo_phrases.py"}  # sentences, not code
    long = {
        str(path.relative_to(ROOT)): lines
        for path in files()
        if "versions" not in path.parts
        and (lines := len(path.read_text("utf-8").splitlines())) > LONGEST_FILE
        and str(path.relative_to(ROOT)) not in data
    }
    assert not long, f"over {LONGEST_FILE} lines: is there a second subject in it?"


def test_pages_do_not_import_one_another() -> None:
    for path in (ROOT / "ui" / "pages").glob("*.py"):
        if path.stem == "__init__":
            continue
        others = {module for module in imports(path) if module.startswith("ui.pages.")} - {"ui.shell.not_found"}
        assert not others, f"{path.name} imports {others}: what two pages share is a component"


def test_the_arrow_test_sees_every_room() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in files()} == set(ROOMS)


def test_nothing_is_bound_by_polling() -> None:
    """NiceGUI looks at every bound attribute ten times a second, for every open page."""
    bound = [str(path.relative_to(ROOT)) for path in files() if ".bind_" in path.read_text("utf-8")]
    assert not bound, "tell a fact instead"
