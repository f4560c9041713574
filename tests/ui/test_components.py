"""Component contracts: the methods, events and props that Python uses exist in our components' JavaScript."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import os
import pkgutil
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nicegui
import pytest

import ui
from domain.characters.fields import FIELDS
from domain.language import Texts
from domain.settings.settings import Settings
from ui.editor.editor_form import EditorForm
from ui.editor.editor_labels import editor_labels
from ui.socket.shapes import Takes

pytestmark = pytest.mark.source

UI = Path(ui.__path__[0])
SCRIPTS = {path.name: path for path in sorted(UI.rglob("*.js"))}
VUE = Path(nicegui.__path__[0]) / "static" / "vue.esm-browser.prod.js"
DENO = Path(sys.executable).with_name("deno")
CONFIG = UI.parent / "deno.json"


@dataclass(frozen=True)
class Offered:
    """Interface of a component's JavaScript. `methods` are those of Vue's options, with their number of arguments;
    `templates`: the name of an export, members that it has for certain, and its compiled template.
    """

    props: set[str]
    emits: set[str]
    methods: dict[str, int]
    templates: list[tuple[str, list[str], str]]


def deno(*told: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_COLOR": "1", "DENO_DIR": str(DENO.parents[1] / "deno")}
    return subprocess.run([DENO, *map(str, told)], check=False, capture_output=True, text=True, env=environment)


@pytest.fixture(scope="module")
def offered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Offered]:
    """Interfaces by file name, read from the components themselves."""
    modules = {path.stem: path.as_uri() for path in SCRIPTS.values()}
    names = tmp_path_factory.mktemp("deno") / "import_map.json"
    names.write_text(json.dumps({"imports": {"vue": VUE.as_uri(), **modules}}))
    script = Path(__file__).with_name("components.js")
    done = deno("run", "--no-config", "--allow-read", f"--import-map={names}", script, *SCRIPTS.values())
    assert not done.returncode, done.stderr
    return {
        name: Offered(set(each["props"]), set(each["emits"]), each["methods"], each["templates"])
        for name, each in json.loads(done.stdout).items()
    }


def classes() -> list[type]:
    """Our element classes with JavaScript of their own."""
    modules = [importlib.import_module(each.name) for each in pkgutil.walk_packages(ui.__path__, "ui.")]
    everything = [each for module in modules for each in vars(module).values()]
    return sorted({each for each in everything if script_of(each)}, key=lambda each: each.__name__)


def script_of(each: object) -> str:
    component = getattr(each, "component", None) if isinstance(each, type) else None
    return component.path.name if component and component.path.name in SCRIPTS else ""


def written(each: type) -> Iterator[ast.AST]:
    """The AST nodes of the class and of its base classes of ours."""
    for part in each.__mro__:
        if part.__module__.startswith("ui."):
            yield from ast.walk(ast.parse(textwrap.dedent(inspect.getsource(part))))


def called(each: type) -> Iterator[tuple[str, int]]:
    for node in written(each):
        match node:
            case ast.Call(func=ast.Attribute(attr="run_method"), args=[ast.Constant(value=str(name)), *arguments]):
                yield name, len(arguments)


def handed(each: type) -> Iterator[str]:
    """Names of props it sets: `self._props["x"]`, and the keys of a `self._props.update({…})`."""
    for node in written(each):
        match node:
            case ast.Subscript(value=ast.Attribute(attr="_props"), slice=ast.Constant(value=str(name))):
                yield name
            case ast.Call(
                func=ast.Attribute(attr="update", value=ast.Attribute(attr="_props")), args=[ast.Dict(keys=keys)]
            ):
                yield from (key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str))


def as_in_script(name: str) -> str:
    """The component's name of a prop: `draft-key` of an element is `draftKey` there."""
    first, *others = name.split("-")
    return first + "".join(other.capitalize() for other in others)


@pytest.mark.parametrize("each", classes(), ids=lambda each: each.__name__)
def test_what_python_names_is_there(each: type, offered: dict[str, Offered]) -> None:
    script = offered[script_of(each)]
    methods = set(called(each))
    assert methods <= script.methods.items(), "methods, each with its number of arguments"
    takes: Takes = getattr(each, "TAKES", {})
    assert takes.keys() <= script.emits, "events"
    assert {as_in_script(name) for name in handed(each)} <= script.props, "props"


def lenient() -> dict[str, object]:
    """The project's own rules, except that compiled templates need no types."""
    rules = json.loads(CONFIG.read_text())
    here = {name: (CONFIG.parent / path).as_uri() for name, path in rules["imports"].items()}
    types = [(CONFIG.parent / path).as_uri() for path in rules["compilerOptions"]["types"]]
    return {"imports": here, "compilerOptions": rules["compilerOptions"] | {"types": types, "noImplicitAny": False}}


def checked_by_types(script: str, export: str, render: str, names: list[str]) -> str:
    """A module for the type checker: a compiled template, with the names that it takes from its component."""
    return f"""
        import {{ {export} as component }} from "{SCRIPTS[script].as_uri()}";
        const _Vue = /** @type {{any}} */ (null);
        /** @param {{InstanceOf<typeof component>}} component_ */
        export const show = (component_) => {{
          let {{ {", ".join(names)} }} = component_;
          return {render};
        }};"""


def test_templates_name_what_their_component_has(offered: dict[str, Offered], tmp_path: Path) -> None:
    templates = {
        tmp_path / f"{export}_of_{script}": (script, export, known, re.sub(r"_hoisted_\d+", "null", render))
        for script, each in offered.items()
        for export, known, render in each.templates
    }
    assert len(templates) > 30
    for path, (*_, render) in templates.items():
        path.write_text(render.replace("with (_ctx)", ""))
    free: dict[str, set[str]] = {}
    lint = deno("lint", "--json", "--no-config", "--rules-tags=", "--rules-include=no-undef", tmp_path)
    for fault in json.loads(lint.stdout)["diagnostics"]:
        free.setdefault(fault["filename"], set()).add(fault["message"].split()[0])
    for path, (script, export, known, _) in templates.items():
        names = free.get(path.as_uri(), set()) - {"_Vue"} | set(known)
        path.write_text(checked_by_types(script, export, path.read_text(), sorted(names)))
    (tmp_path / "deno.json").write_text(json.dumps(lenient()))
    check = deno("check", "--quiet", f"--config={tmp_path / 'deno.json'}", tmp_path)
    assert not check.returncode, check.stderr


def test_the_words_of_the_editor_are_its_props(offered: dict[str, Offered]) -> None:
    words = editor_labels(Texts("en"), Settings(), called="Марина", helps=True, drafted_at="")
    assert words.keys() | set(handed(EditorForm)) <= offered["editor_form.js"].props


def test_the_form_has_each_field_of_a_character_on_its_tab() -> None:
    panels = re.split(r'id="panel-(\w+)"', SCRIPTS["editor_form.js"].read_text("utf-8"))
    shown = dict(zip(panels[1::2], panels[2::2], strict=True))
    missing = [each.name for each in FIELDS if not re.search(rf"fields\.{each.name}\b|'{each.name}'", shown[each.tab])]
    assert missing == []


def test_the_names_in_python_are_found_at_all() -> None:
    everything = {name for each in classes() for name, _ in called(each)}
    assert {"append", "delta", "accepted", "refuse", "follow", "load"} <= everything
    assert {"url", "labels", "draft-key", "saved"} <= {name for each in classes() for name in handed(each)}
    assert len(classes()) > 15
