"""Script bundles: our components' scripts as pages fetch them: a few bundles, each module after what it imports."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ui.scripts.bundles import OURS, bundle_of, bundles, join

JOINED = """import * as vue$ from "vue";
const compiled$ = (code) => {
let made;
return Object.assign((...given) => (made ??= new Function("Vue", code)(vue$))(...given), { _rc: true });
};

// base.js
const base$ = (() => {
const ONE = 1;
const default$ = { ONE };
return { ONE, default: default$ };
})();

// user.js
const user$ = (() => {
const { ONE: first, default: base } = base$;
class User {}
return { User };
})();

export { base$ as base, user$ as user };
"""


def test_every_component_of_ours_is_in_one_bundle() -> None:
    texts = [bundle.text for bundle in bundles().values()]
    for script in OURS.rglob("*.js"):
        assert sum(f"\n// {script.name}\n" in text for text in texts) == 1
        assert bundle_of(script)


def test_what_a_module_needs_stands_above_it() -> None:
    for bundle in bundles().values():
        made: set[str] = set()
        for line in bundle.text.splitlines():
            if needed := re.search(r"= (\w+\$);$|as (\w+\$) } from|as (\w+\$) from", line):
                name = next(filter(None, needed.groups()))
                assert name in made or " from " in line, f"{bundle.name}: {line}"
                made.add(name)
            if begun := re.match(r"const (\w+\$) = ", line):
                made.add(begun[1])


def test_a_module_becomes_a_function_that_returns_what_it_exports(tmp_path: Path) -> None:
    (tmp_path / "base.js").write_text("export const ONE = 1;\nexport default { ONE };\n")
    (tmp_path / "user.js").write_text('import base, { ONE as first } from "base";\nexport class User {}\n')
    joined = join(tmp_path.glob("*.js"), {})["shared"]
    assert joined.text == JOINED


@pytest.mark.parametrize("line", ['import * as all from "base";', "export * from base;", "export { ONE };"])
def test_a_form_that_cannot_be_joined_stops_the_start(tmp_path: Path, line: str) -> None:
    (tmp_path / "base.js").write_text(f"const ONE = 1;\n{line}\n")
    with pytest.raises(ValueError, match=r"base\.js cannot be bundled"):
        join(tmp_path.glob("*.js"), {})
