"""The build backend of an application that is no package: it refuses, and says how Beseda is started instead.

Without one, `pip install .` would install an empty distribution and three dozen dependencies without a word.
"""

import sys
from typing import NoReturn

WORDS = """
Beseda is an application to be cloned and started, not a package to be installed:

    make run                                 (or, without make:)
    python3 -m venv .venv
    .venv/bin/pip install --require-hashes -r requirements.txt
    .venv/bin/python main.py
"""


def build_wheel(*_: object, **__: object) -> NoReturn:
    sys.exit(WORDS)


build_sdist = build_editable = prepare_metadata_for_build_wheel = build_wheel
