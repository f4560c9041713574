"""Script bundles: the JavaScript modules of our components, joined so that a page asks for two files instead of twenty.

A component's script stays a module that imports others by file name. Here each becomes a function that is called once,
after those it imports; which forms of `import` and `export` that takes is checked, so a new form fails at once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import nicegui

from ui.request.http import SCRIPTS
from ui.scripts.templates import COMPILED, with_compiled

OURS = Path(__file__).parents[1]
OF_THE_FRAMEWORK = ("header.js", "link.js")
"""Scripts of the NiceGUI components that every page has."""
BUNDLES = {
    "reading": ("admin/directory/",),
    "admin": ("admin/",),
    "memory": ("chat/memory/memory_panel", "chat/memory/panel_"),
    "chat": ("chat/",),
    "versions": ("editor/versions_",),
    "cards": ("cards/",),
    "editor": ("editor/",),
    "books": ("books/",),
    "gallery": ("gallery/card_grid", "gallery/gallery_"),
    "photo": ("widgets/photo_",),
}
"""Path prefixes of the modules in each bundle. The first match counts; modules without one are in `SHARED`."""
SHARED = "shared"
FOREIGN = {"vue"}
"""Modules that the page's import map provides."""

IMPORT = re.compile(
    r'^import (?:(?P<default>\w+)(?:, )?)?(?:\{(?P<names>[^}]*)\})?(?: ?from )?"(?P<module>[\w-]+)";.*\n', re.MULTILINE
)
EXPORT_DEFAULT = re.compile(r"^export default ", re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|class|function|async function) (?P<name>\w+))", re.MULTILINE)
LEFT = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


@dataclass(frozen=True)
class Bundle:
    """`needs` are the addresses of the bundles it imports, which a page names, too, so that they come at once."""

    name: str
    address: str
    text: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class _Module:
    name: str
    text: str
    bundle: str

    @property
    def imports(self) -> set[str]:
        return {found["module"] for found in IMPORT.finditer(self.text)} - FOREIGN

    def as_function(self) -> str:
        """The module as a constant `name$`, an object with what it exports."""
        exports = [found["name"] for found in EXPORT.finditer(self.text)]
        body = EXPORT.sub("", EXPORT_DEFAULT.sub("const default$ = ", IMPORT.sub(_bound, with_compiled(self.text))))
        if left := LEFT.search(body):
            raise ValueError(f"{self.name}.js cannot be bundled: {left[0]}")
        if EXPORT_DEFAULT.search(self.text):
            exports.append("default: default$")
        return f"const {self.name}$ = (() => {{\n{body}return {{ {', '.join(exports)} }};\n}})();\n"


def _bound(found: re.Match[str]) -> str:
    """The names that an import binds, taken from the constant that stands for the module."""
    names = [each.strip().replace(" as ", ": ") for each in (found["names"] or "").split(",")]
    if found["default"]:
        names.append(f"default: {found['default']}")
    taken = ", ".join(filter(None, names))
    return f"const {{ {taken} }} = {found['module']}$;\n" if taken else ""


@cache
def bundles() -> dict[str, Bundle]:
    return join(sources(), BUNDLES)


@cache
def bundle_of(script: Path) -> Bundle | None:
    """The bundle that holds a component's script; None for those that a page loads by themselves."""
    return bundles()[_group_of(script, BUNDLES)] if script in sources() else None


@cache
def sources() -> frozenset[Path]:
    elements = Path(nicegui.__file__).parent / "elements"
    return frozenset((*OURS.rglob("*.js"), *(elements / name for name in OF_THE_FRAMEWORK)))


def join(scripts: Iterable[Path], groups: Mapping[str, tuple[str, ...]]) -> dict[str, Bundle]:
    """The bundles by name. Raises `ValueError` for a script in a form that it cannot join, and for circles."""
    modules = {each.stem: _Module(each.stem, each.read_text("utf-8"), _group_of(each, groups)) for each in scripts}
    order = [*TopologicalSorter({name: sorted(modules[name].imports) for name in sorted(modules)}).static_order()]
    needs: dict[str, set[str]] = {module.bundle: set() for module in modules.values()}
    for module in modules.values():
        needs[module.bundle] |= {modules[each].bundle for each in module.imports} - {module.bundle}
    made: dict[str, Bundle] = {}
    for name in TopologicalSorter(needs).static_order():
        inside = [modules[each] for each in order if modules[each].bundle == name]
        outside = sorted({each for module in inside for each in module.imports} - {module.name for module in inside})
        lines = [_import_line(each, made[modules[each].bundle]) for each in outside]
        made[name] = _bundle(name, lines, inside, [made[each] for each in sorted(needs[name])])
    return made


def _group_of(script: Path, groups: Mapping[str, tuple[str, ...]]) -> str:
    place = script.relative_to(OURS).as_posix() if script.is_relative_to(OURS) else script.name
    return next((group for group, starts in groups.items() if place.startswith(starts)), SHARED)


def _import_line(name: str, bundle: Bundle) -> str:
    return f'import {{ {name} as {name}$ }} from "./{bundle.address.removeprefix(SCRIPTS)}";\n'


def _bundle(name: str, imports: list[str], modules: list[_Module], needed: list[Bundle]) -> Bundle:
    parts = [f"\n// {module.name}.js\n{module.as_function()}" for module in modules]
    exports = ", ".join(f"{module.name}$ as {module.name}" for module in modules)
    text = "".join(('import * as vue$ from "vue";\n', *imports, COMPILED, *parts, f"\nexport {{ {exports} }};\n"))
    version = hashlib.sha256(text.encode()).hexdigest()[:12]
    deeper = (address for each in needed for address in (each.address, *each.needs))
    return Bundle(name, f"{SCRIPTS}{name}.{version}.js", text, tuple(dict.fromkeys(deeper)))
