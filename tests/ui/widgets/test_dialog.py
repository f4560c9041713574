"""Dialogs: each has a name that a screen reader says as it opens."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

UI = Path(__file__).parents[3] / "ui"
HOME = UI / "widgets" / "dialog.py"


def opened(path: Path) -> Iterator[tuple[str, ast.With]]:
    """The dialogs a module lays out: the name each has there, and the block that fills it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.With):
            for item in node.items:
                if isinstance(item.context_expr, ast.Call) and ast.unparse(item.context_expr.func) == "Dialog":
                    assert item.optional_vars, f"{path}: without a name it cannot be given a heading"
                    yield ast.unparse(item.optional_vars), node


def test_every_dialog_is_named_by_its_heading() -> None:
    nameless = [
        f"{path}:{block.lineno}"
        for path in UI.rglob("*.py")
        for name, block in opened(path)
        if f"{name}.heading(" not in ast.unparse(block)
    ]
    assert not nameless


def test_no_page_opens_a_dialog_of_the_framework_past_ours() -> None:
    made = [str(path) for path in UI.rglob("*.py") if path != HOME and "ui.dialog(" in path.read_text("utf-8")]
    assert not made


def test_every_dialog_of_a_component_has_a_label() -> None:
    dialogs = [tag for path in UI.rglob("*.js") for tag in re.findall(r"<dialog[^>]*>", path.read_text("utf-8"))]
    assert dialogs
    assert all("aria-label" in tag for tag in dialogs)
