"""Deployment files: linted by their tools; OPERATIONS.md, compose.yaml and the settings speak of the same things."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from domain.settings.settings import Settings
from main import _parser
from tests.test_architecture import ROOT

COMPOSE = ROOT / "compose.yaml"
OPERATIONS = (ROOT / "OPERATIONS.md").read_text("utf-8")
BIN = Path(sys.executable).parent
SETTINGS = {name.upper() for name in Settings.model_fields}
OF_COMPOSE = {"BESEDA_PORT", "COMPOSE_PROFILES", "COOKIE_SECRET", "POSTGRES_PASSWORD", "REQUIREMENTS", "SITE"}
"""What stands in .env for compose.yaml alone."""
NO_SETTINGS = {"BUILDAH_OPTIONS", "FILE", "FOLDER", "LISTEN", "NAME", "NOTIFY", "REFERENCE", "EMAIL", "URL", "SIGTERM"}
HARDENED: dict[str, Any] = {
    "properties": {
        "services": {
            "additionalProperties": {
                "required": ["mem_limit", "cpus", "pids_limit", "cap_drop", "security_opt", "read_only", "logging"],
                "properties": {
                    "cap_drop": {"const": ["ALL"]},
                    "read_only": {"const": True},
                    "security_opt": {"const": ["no-new-privileges:true"]},
                    "image": {"pattern": r"^(beseda|beseda-backup|docker\.io/\S+:\S*\d\S*)$"},
                    "ports": {"items": {"pattern": r"^(\$\{BESEDA_PORT:-)?127\.0\.0\.1:|^(80:80|443:443(/udp)?)$"}},
                },
            }
        }
    }
}
RULES: dict[str, Any] = {
    "required": ["groups"],
    "properties": {
        "groups": {
            "items": {
                "additionalProperties": False,
                "required": ["name", "rules"],
                "properties": {
                    "name": {"type": "string"},
                    "rules": {
                        "items": {
                            "additionalProperties": False,
                            "required": ["alert", "expr", "labels", "annotations"],
                            "properties": {
                                "alert": {"pattern": "^Beseda[A-Z]"},
                                "expr": {"type": "string"},
                                "for": {"pattern": r"^\d+m$"},
                                "labels": {"properties": {"severity": {"enum": ["warning", "critical"]}}},
                                "annotations": {"required": ["summary"]},
                            },
                        }
                    },
                },
            }
        }
    },
}


def has_nothing_to_say(*command: str | Path) -> None:
    answer = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def needs(tool: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(tool) is None, reason=f"there is no {tool} on this machine")


def test_the_dockerfile_pleases_its_linter() -> None:
    has_nothing_to_say(BIN / "hadolint", ROOT / "Dockerfile")


def test_compose_understands_every_key_of_its_file() -> None:
    has_nothing_to_say(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)


def test_every_container_has_limits_and_no_rights(tmp_path: Path) -> None:
    fits(COMPOSE, HARDENED, tmp_path)


def test_alert_rules_have_what_prometheus_reads(tmp_path: Path) -> None:
    fits(ROOT / "deploy" / "beseda.rules.yml", RULES, tmp_path)


def fits(file: Path, schema: dict[str, Any], folder: Path) -> None:
    (folder / "schema.json").write_text(json.dumps(schema))
    has_nothing_to_say(BIN / "check-jsonschema", "--schemafile", folder / "schema.json", file)


@needs("promtool")
def test_prometheus_takes_its_configuration_and_the_rules() -> None:
    has_nothing_to_say("promtool", "check", "config", ROOT / "deploy" / "prometheus.yml")


@needs("systemd-analyze")
def test_systemd_takes_the_unit_and_finds_it_safe(tmp_path: Path) -> None:
    unit = tmp_path / "beseda.service"
    written = (ROOT / "deploy" / "beseda.service").read_text("utf-8")
    unit.write_text(written.replace("/opt/beseda/.venv/bin/python", sys.executable).replace("/opt/beseda", str(ROOT)))
    has_nothing_to_say("systemd-analyze", "verify", "--man=no", unit)
    has_nothing_to_say("systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", unit)


@needs("bash")
def test_the_script_that_tries_the_image_can_be_read() -> None:
    has_nothing_to_say("bash", "-n", ROOT / "deploy" / "build_image")


def test_the_image_takes_along_what_the_program_consists_of_and_nothing_else() -> None:
    taken = set(re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE))
    assert taken == {"requirements*.txt", "pyproject.toml", "main.py", "LICENSE", "assets", "domain", "storage", "ui"}


def test_compose_gives_containers_only_settings_that_there_are() -> None:
    written = COMPOSE.read_text("utf-8")
    given = re.findall(r"^  (?:  )*([A-Z][A-Z_]+): ", written.partition("  postgres:\n    image")[0], re.MULTILINE)
    assert given
    assert set(given) <= SETTINGS | OF_COMPOSE
    assert set(re.findall(r"\$\{(\w+)", written)) <= SETTINGS | OF_COMPOSE


def test_operations_name_settings_that_there_are() -> None:
    named = set(re.findall(r"[A-Z][A-Z_]{2,}(?![\w:])", code(OPERATIONS)))
    set_there = set(re.findall(r"^([A-Z_]+)=", OPERATIONS, re.MULTILINE))
    assert {"PUBLIC_URL", "METRICS_PORT"} <= named
    assert named | set_there <= SETTINGS | OF_COMPOSE | NO_SETTINGS
    assert named | set_there >= OF_COMPOSE, "what compose.yaml reads is explained"


def test_operations_name_commands_that_there_are() -> None:
    usage = _parser().format_help()
    commands = set(re.findall(r"main\.py ([a-z]+)", OPERATIONS))
    assert {"check", "migrate", "admin"} <= commands
    assert {each for each in commands if not re.search(rf"^    {each} ", usage, re.MULTILINE)} == set()
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert set(re.findall(r"\bmake (?:-C \S+ )?([a-z]+)`?(?=[ `\n;,])", code(OPERATIONS))) <= set(targets)
    services = set(re.findall(r"^  ([a-z-]+):$", COMPOSE.read_text("utf-8"), re.MULTILINE))
    asked = re.findall(
        r"docker compose (?:logs|exec|run --rm(?: -T)?|up --detach(?: --no-deps)?) ([a-z][\w-]*)", OPERATIONS
    )
    assert set(asked) <= services


def code(text: str) -> str:
    """Code in a Markdown text: its `sh` blocks, then its inline code, one a line."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return "\n".join([*blocks, *(f"`{each}`\n" for each in re.findall(r"`([^`\n]+)`", text))])


def test_files_that_are_named_are_there() -> None:
    linked = re.findall(r"\]\(([\w./]+)\)", OPERATIONS)
    mounted = re.findall(r"- \./([\w./]+):", COMPOSE.read_text("utf-8"))
    assert [each for each in (*linked, *mounted) if not (ROOT / each).exists()] == []


def test_every_alert_is_in_the_table_of_what_to_do() -> None:
    alerts = re.findall(r"alert: (\w+)", (ROOT / "deploy" / "beseda.rules.yml").read_text("utf-8"))
    table = OPERATIONS.partition("## What to do when")[2]
    assert [alert for alert in alerts if f"`{alert}`" not in table] == []
