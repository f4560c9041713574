"""Dialogs: each has a name that a screen reader says as it opens."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

UI = Path(__file__).parents[3] / "ui"


def opened(path: Path) -> Iterator[tuple[str, ast.With]]:
    """The dialogs a module lays out: the name each has there, and the block that fills it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.With):
            for item in node.items:
                if isinstance(item.context_expr, ast.Call) and ast.unparse(item.context_expr.func) == "ui.dialog":
                    yield ast.unparse(item.optional_vars) if item.optional_vars else "", node


def test_every_dialog_is_named_by_its_heading() -> None:
    dialogs = [(path, name, block) for path in UI.rglob("*.py") for name, block in opened(path)]
    made = sum(path.read_text("utf-8").count("ui.dialog(") for path in UI.rglob("*.py"))
    assert len(dialogs) == made, "a dialog is laid out by `with`"
    assert not [
        f"{path}:{block.lineno}" for path, name, block in dialogs if f"name_dialog({name}, " not in ast.unparse(block)
    ]


def test_every_dialog_of_a_component_has_a_label() -> None:
    dialogs = [tag for path in UI.rglob("*.js") for tag in re.findall(r"<dialog[^>]*>", path.read_text("utf-8"))]
    assert dialogs
    assert all("aria-label" in tag for tag in dialogs)
