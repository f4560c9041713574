"""API fuzzing: everything its own description allows, and much that it does not: it stands, and answers as described.

Eight seconds by `make slow`; `make fuzz` takes five minutes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.llm_server import Behaviour, LlmServer
from tests.ui.api.conftest import Town

SECONDS = int(os.environ.get("FUZZ_SECONDS", "8"))
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


@pytest.mark.slow
def test_no_request_breaks_it_or_gets_an_answer_nobody_described(
    new_town: Town, llm: LlmServer, tmp_path: Path
) -> None:
    town = new_town
    llm.forget()
    llm.default = Behaviour(text="Да.")
    admin = town.come("admin", is_admin=True)  # so that nothing is refused at the door
    character_id = admin.character()
    admin.say(character_id, "Привет!")
    run = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            *("run", f"{town.product.url}/openapi.json"),
            *("--header", f"Authorization: {admin.headers['Authorization']}"),
            *("--exclude-path", "/api/auth/log-out"),  # it would end the session that all the others need
            *("--checks", ",".join(CHECKS)),
            *("--max-time", str(SECONDS)),
            *("--warnings", "off"),
            "--no-color",
        ],
        cwd=tmp_path,  # what it remembers goes there
        capture_output=True,
        text=True,
        timeout=SECONDS + 120,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-8_000:] + run.stderr[-2_000:]
    assert "Traceback" not in town.product.log.read_text("utf-8")
    assert admin.get("/api/auth/me").status_code == 200, "it was the admin's session to the end"
    assert town.stranger.get("/api/characters").status_code == 200, "nothing that was sent spoils the list for others"
