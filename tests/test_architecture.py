"""Architecture checks: ui → domain → storage and, in each room, its folders in one order; no import points up."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.source

ROOT = Path(__file__).parents[1]
ROOMS = ("storage", "domain", "ui")

FORBIDDEN = {
    "storage": {"domain", "ui", "main", "nicegui", "fastapi", "starlette", "langchain_openai", "openai", "pydantic"},
    "domain": {"ui", "main", "nicegui", "fastapi", "starlette", "uvicorn"},
    "ui": {"main", "sqlalchemy", "sqlmodel", "langchain_openai", "openai", "alembic"},
}
ONLY_AT = {
    "langchain_openai": {"domain/llm/client/chat_model.py"},
    "langchain_core": {"domain/llm/client/chat_model.py"},
    "openai": {
        "domain/llm/client/answer.py",
        "domain/llm/client/embeddings_client.py",
        "domain/llm/client/errors.py",
        "domain/llm/client/request.py",
    },
    "nh3": {"ui/chat/markdown/to_html.py"},
    "authlib": {"ui/account/sign_in/oauth_client.py"},
    "argon2": {"domain/accounts/passwords.py"},
    "prometheus_client": {"ui/metrics/endpoint.py", "ui/metrics/meter.py", "ui/metrics/read_when_scraped.py"},
    "pythonjsonlogger": {"domain/log_format.py"},
    "PIL": {"domain/pictures/resize.py", "domain/pictures/link_preview_drawing.py", "domain/pictures/png_copy.py"},
}
ORDER = {
    # Lowest first: each imports only itself and what stands above it in this list. A module without a room of its own
    # stands here by its name.
    "domain": (
        "domain/clock.py",
        "domain/bin.py",
        "domain/language.py",
        "domain/errors.py",
        "domain/log_format.py",
        "domain/text.py",
        "domain/confusables.py",
        "domain/email_address.py",
        "domain/addresses",
        "domain/background",
        "domain/instances",
        "domain/prices.py",
        "domain/token_buckets.py",
        "domain/limit_counts.py",
        "domain/rate_limits.py",
        "domain/paging.py",
        "domain/zip_stream.py",
        "domain/settings",
        "domain/environment",
        "domain/secret.py",
        "domain/instances/shared_settings.py",
        "domain/macros",
        "domain/dictionary.py",
        "domain/stemming.py",
        "domain/llm",
        "domain/llm/demo",
        "domain/llm/client",
        "domain/llm/select.py",
        "domain/model",
        "domain/mail",
        "domain/accounts",
        "domain/environment/outbound.py",
        "domain/quotas.py",
        "domain/idempotency.py",
        "domain/usage",
        "domain/pictures",
        "domain/characters",
        "domain/books/matching",
        "domain/books",
        "domain/cards",
        "domain/chat/tree",
        "domain/memory/rows.py",
        "domain/memory/events.py",
        "domain/memory/overview.py",
        "domain/memory/path_ids.py",
        "domain/memory/forgotten.py",
        "domain/memory/remembered.py",
        "domain/memory/sentences.py",
        "domain/memory/number_words.py",
        "domain/memory/recall",
        "domain/memory/facts",
        "domain/memory",
        "domain/memory/summaries",
        "domain/memory/meaning",
        "domain/memory/editing",
        "domain/chat/transcript",
        "domain/chat/prompts",
        "domain/chat/replies",
        "domain/chat",
        "domain/moderation",
        "domain/audit",
        "domain/statistics",
        "domain/backup",
        "domain/checks",
        "domain/admin",
        "domain/erasure.py",
        "domain/data_export.py",
        "domain/retention.py",
        "domain/trials.py",
        "domain/crossing.py",
        "domain/sample_data",
        "domain/tables.py",
        "domain/backup/commands.py",
        "domain/services",
    ),
    "ui": (
        "ui/loading.py",
        "ui/acting.py",
        "ui/app.py",
        "ui/request",
        "ui/metrics",
        "ui/scripts",
        "ui/socket",
        "ui/widgets",
        "ui/shell",
        "ui/api",
        "ui/account/sign_in",
        "ui/account",
        "ui/chat/markdown",
        "ui/chat/dialogs",
        "ui/chat/memory",
        "ui/chat/backdrop",
        "ui/chat",
        "ui/site",
        "ui/cards",
        "ui/gallery",
        "ui/books",
        "ui/editor",
        "ui/admin/shell",
        "ui/admin/moderation",
        "ui/admin/directory",
        "ui/admin/statistics",
        "ui/admin/server",
        "ui/admin",
        "ui/pages.py",
        "ui/web.py",
        "ui/serving",
    ),
}
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "managers", "manager"}
LONGEST_FILE = 300
FULLEST_FOLDER = 30
HISTORY = ROOT / "storage/migrations/versions"
"""Migrations, a folder that grows with time, not with subjects. They are read by number and never changed again."""
COUNTED = {".py", ".js", ".ts", ".css"}


def files() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def imports(path: Path) -> Iterator[str]:
    """Modules that a file imports, wherever in it and whatever for: types, too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def place(name: str) -> str:
    """Entry of `ORDER` for a file of `domain` or `ui`: the file itself, or its folder."""
    return name if name in ORDER[name.partition("/")[0]] else name.rpartition("/")[0]


def file_of(module: str) -> str | None:
    path = module.replace(".", "/")
    return next((name for name in (f"{path}.py", f"{path}/__init__.py") if (ROOT / name).exists()), None)


def upward(path: Path) -> list[str]:
    """The imports of a file that do not lead down within its room."""
    name = str(path.relative_to(ROOT))
    room = name.partition("/")[0]
    order = ORDER[room]
    found = []
    for module in imports(path):
        target = file_of(module) if module.startswith(f"{room}.") else None
        if target is None or target.endswith("/__init__.py") or place(target) == place(name):
            continue
        if order.index(place(target)) > order.index(place(name)):
            found.append(f"{name} imports {module}")
    return found


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows_point_down(path: Path) -> None:
    name = path.relative_to(ROOT)
    for module in imports(path):
        top = module.partition(".")[0]
        assert top not in FORBIDDEN[name.parts[0]], f"{name} must not import {module}"
        if top in ONLY_AT:
            assert str(name) in ONLY_AT[top], f"{top} is imported by {ONLY_AT[top]} only, not by {name}"


def test_folders_point_down() -> None:
    """One order for all of them rules out circles as well."""
    up = [each for room in ORDER for path in sorted((ROOT / room).rglob("*.py")) for each in upward(path)]
    assert not up, "what both need lies lower, or the lower one says what it needs by a protocol"


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Not even by an import within a function, which only hides it."""
    below = {str(path.relative_to(ROOT)): {file_of(module) for module in imports(path)} for path in files()}
    remaining = {name: {other for other in others if other in below} for name, others in below.items()}
    while lowest := [name for name, others in remaining.items() if not others & remaining.keys() - {name}]:
        for name in lowest:
            del remaining[name]
    assert not remaining, "these stand in a circle, or above one"


def test_every_folder_has_its_place_in_the_order() -> None:
    for room, order in ORDER.items():
        there = {
            place(str(path.relative_to(ROOT)))
            for path in (ROOT / room).rglob("*.py")
            if path.name != "__init__.py" or path.read_text("utf-8").strip()
        }
        assert there == set(order), "a new folder, and a module beside the folders, stands in `ORDER`"


def test_folders_stay_small_enough_to_be_looked_through() -> None:
    folders = [ROOT / top for top in (*ROOMS, "tests", "assets/css")]
    counts = {
        str(folder.relative_to(ROOT)): sum(path.suffix in COUNTED for path in folder.iterdir())
        for top in folders
        for folder in (top, *(path for path in top.rglob("*") if path.is_dir()))
        if folder != HISTORY
    }
    full = {folder: count for folder, count in counts.items() if count > FULLEST_FOLDER}
    assert not full, f"over {FULLEST_FOLDER} files: are there two subjects in it?"


def test_no_file_is_a_drawer_for_everything() -> None:
    drawers = [str(path.relative_to(ROOT)) for path in files() if path.stem in DRAWERS]
    assert not drawers, "a thing without a room needs a thought about the house, not a drawer"


def test_files_stay_within_one_subject() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in files()
        if path.parent != HISTORY and (lines := len(path.read_text("utf-8").splitlines())) > LONGEST_FILE
    }
    assert not long, f"over {LONGEST_FILE} lines: is there a second subject in it?"


def test_pages_do_not_import_one_another() -> None:
    pages = sorted((ROOT / "ui").rglob("*_page.py"))
    assert len(pages) > 20
    for path in pages:
        named = {file_of(each) or "" for each in imports(path) if each.startswith("ui.")}
        others = {each for each in named if each.endswith("_page.py")}
        assert not others, f"{path.name} imports {others}: what two pages share is a component"


def test_the_arrow_test_sees_every_room() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in files()} == set(ROOMS)


def test_nothing_is_bound_by_polling() -> None:
    """NiceGUI polls every bound attribute ten times a second, for every open page."""
    bound = [str(path.relative_to(ROOT)) for path in files() if ".bind_" in path.read_text("utf-8")]
    assert not bound, "publish an event instead"
