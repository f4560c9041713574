"""Compiled templates: the templates of our components are compiled ahead, so that no browser has to do it.

`make templates` runs Vue's own compiler (`tests/ui/scripts/templates.py`) and keeps its output in
`compiled_templates.json`, by the hash of each template. A template changed since is compiled in the browser until
`make templates` is run again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

KEPT = Path(__file__).with_name("compiled_templates.json")
TEMPLATE = re.compile(r"\btemplate: `(?P<text>(?:[^`\\$]|\$(?!\{))*)`")
"""A template written as one literal. Those put together of parts are left to the browser."""
COMPILED = """const compiled$ = (code) => {
let made;
return Object.assign((...given) => (made ??= new Function("Vue", code)(vue$))(...given), { _rc: true });
};
"""
"""Head of a bundle: makes the render function of a component, whose code is parsed only at the first rendering. `_rc`
tells Vue that the code names the component's properties without `this`, as code compiled by Vue in the browser does.
"""


def templates(script: str) -> Iterator[str]:
    """The templates in a component's script that can be compiled ahead."""
    return (found["text"] for found in TEMPLATE.finditer(script))


def with_compiled(script: str) -> str:
    """The script, with the code of its templates in place of those."""
    return TEMPLATE.sub(lambda found: _code(found["text"]) or found[0], script)


def key_of(template: str) -> str:
    """The key under which a template's code is kept."""
    return hashlib.sha256(template.encode()).hexdigest()[:16]


def _code(template: str) -> str:
    code = _kept().get(key_of(template))
    return f"render: compiled$({json.dumps(code, ensure_ascii=False)})" if code else ""


@cache
def _kept() -> dict[str, str]:
    kept: dict[str, str] = json.loads(KEPT.read_text("utf-8"))
    return kept
