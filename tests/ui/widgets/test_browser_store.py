"""Browser storage: it never throws, and nothing but its module asks the browser."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import ui
from tests.ui.test_components import deno

UI = Path(ui.__path__[0])
STORE = UI / "widgets" / "browser_store.js"
HEAD = UI / "shell" / "head_scripts.py"
"""What the framework's script finds in place of a storage that is refused."""
GUARD = UI / "shell" / "reload_guard.py"
"""In the head, before any module; what it asks is caught."""

WORKS = "const kept = {}; storage = { getItem: (key) => kept[key] ?? null, setItem(key, text) { kept[key] = text; } }"
FULL = "storage = { getItem: () => null, setItem() { throw new Error('full') }, removeItem() {} }"
BLOCKED = "Object.defineProperty(globalThis, 'localStorage', { get() { throw new Error('blocked') } })"
NONE = "storage = null"
GARBAGE = "storage = { getItem: () => '{\"half', setItem() {}, removeItem() {} }"


def told(tmp_path: Path, storage: str) -> object:
    script = tmp_path / "told.js"
    script.write_text(f"""
        let storage = null;
        Object.defineProperty(globalThis, "localStorage", {{ get: () => storage, configurable: true }});
        {storage};
        const {{ inThisBrowser: store }} = await import("{STORE.as_uri()}");
        const before = store.get("a");
        store.set("a", {{ text: "Привет" }});
        const after = store.get("a");
        store.remove("b");
        console.log(JSON.stringify([before, after]));""")
    done = deno("run", "--no-config", "--allow-read", script)
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("storage", [WORKS, FULL, BLOCKED, NONE], ids=["works", "full", "blocked", "none"])
def test_what_is_kept_can_be_asked_for_wherever_it_is(tmp_path: Path, storage: str) -> None:
    assert told(tmp_path, storage) == [None, {"text": "Привет"}]


def test_what_cannot_be_read_is_nothing(tmp_path: Path) -> None:
    assert told(tmp_path, GARBAGE) == [None, None]


def test_nothing_else_asks_the_browser_for_its_storage() -> None:
    scripts = [path for path in UI.rglob("*") if path.suffix in {".js", ".py"} and path not in {STORE, HEAD, GUARD}]
    asking = [path.name for path in scripts if re.search(r"\b(local|session)Storage\b", path.read_text("utf-8"))]
    assert len(scripts) > 100
    assert asking == []
