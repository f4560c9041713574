"""Vue's compiler, run by deno: `make templates` compiles our components' templates by it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nicegui

from ui.scripts.bundles import sources
from ui.scripts.templates import KEPT, key_of, templates

VUE = Path(nicegui.__path__[0]) / "static" / "vue.esm-browser.prod.js"
DENO = Path(sys.executable).with_name("deno")
ENTITY = re.compile(r"&#?\w+;")
"""Only a browser knows what one means."""


def compiled() -> dict[str, str]:
    """The code of all of them by what it is kept by, in the order of their scripts' names."""
    scripts = sorted(sources(), key=lambda script: script.name)
    texts = [each for script in scripts for each in templates(script.read_text("utf-8")) if not ENTITY.search(each)]
    return dict(zip(map(key_of, texts), _asked_of_vue(texts), strict=True))


def _asked_of_vue(texts: list[str]) -> list[str]:
    with TemporaryDirectory() as folder:
        names = Path(folder) / "import_map.json"
        names.write_text(json.dumps({"imports": {"vue": VUE.as_uri()}}))
        script = Path(__file__).with_suffix(".js")
        told = [str(DENO), "run", "--no-config", "--no-check", "--allow-read", f"--import-map={names}", str(script)]
        environment = {**os.environ, "NO_COLOR": "1", "DENO_DIR": str(DENO.parents[1] / "deno")}
        done = subprocess.run(
            told, check=True, stdout=subprocess.PIPE, input=json.dumps(texts), text=True, env=environment
        )
    codes: list[str] = json.loads(done.stdout)
    return codes


if __name__ == "__main__":
    KEPT.write_text(json.dumps(compiled(), ensure_ascii=False, indent=0) + "\n", "utf-8")
