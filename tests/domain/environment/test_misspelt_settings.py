"""Misspelt settings: a typo is named, ordinary variables of a machine are not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from domain.environment.load_settings import InvalidSetting, load_settings, setting_warnings
from domain.environment.misspelt_settings import resembling
from domain.settings.settings import Settings

OURS = [*(name.upper() for name in Settings.model_fields), "MODEL"]
SLIPS = {
    "BASEURL": "BASE_URL",
    "BASE_ULR": "BASE_URL",
    "API_KEYS": "API_KEY",
    "API-KEY": "API_KEY",
    "LLM_MODLE": "LLM_MODEL",
    "FOLDERID": "FOLDER_ID",
    "TEMPRATURE": "TEMPERATURE",
    "DATABSE_URL": "DATABASE_URL",
    "ADMIN_EMAIL": "ADMIN_EMAILS",
    "SMTP_PASS": "SMTP_PASSWORD",
    "MAIL_FORM": "MAIL_FROM",
    "TRUSTED_PROXY": "TRUSTED_PROXIES",
    "CORS_ORIGIN": "CORS_ORIGINS",
    "LOGLEVEL": "LOG_LEVEL",
    "BESEDA_PUBLIC_URL": "PUBLIC_URL",
    "OPENAI_API_KEY": "API_KEY",
    "OPENAI_API_BASE": "BASE_URL",
    "YANDEX_API_KEY": "API_KEY",
    "YC_FOLDER_ID": "FOLDER_ID",
}
ORDINARY = re.findall(
    r"\w+",
    """
    PATH HOME USER LOGNAME HOSTNAME HOSTTYPE SHELL TERM LANG LANGUAGE LC_ALL TZ PWD MAIL EDITOR DISPLAY USERNAME HOSTS
    SUDO_USER PORTS HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY SSL_CERT_FILE XDG_DATA_DIRS XDG_RUNTIME_DIR SSH_AUTH_SOCK
    INVOCATION_ID LISTEN_FDS STATE_DIRECTORY VIRTUAL_ENV PYTHONPATH PIP_INDEX_URL CI GITHUB_TOKEN GITHUB_ACTION
    GITHUB_API_URL GITHUB_CLIENT KUBERNETES_SERVICE_HOST BESEDA_SERVICE_HOST BESEDA_PORT POSTGRES_PASSWORD POSTGRES_DB
    PGHOST PGDATA COMPOSE_PROJECT_NAME DOCKER_HOST LANGSMITH_API_KEY LANGSMITH_TRACING LANGCHAIN_PROJECT OPENAI_ORG_ID
    ANTHROPIC_API_KEY HF_HOME CUDA_VISIBLE_DEVICES OLLAMA_HOST OLLAMA_MODELS GOOGLE_CLOUD_PROJECT AWS_ACCESS_KEY_ID
    DATABASE_HOST DATABASE_PORT PUBLIC_IP HOST_IP LOG_FILE LOG_DIR LOG_FORMAT WEB_CONCURRENCY SECRET TOKEN MODELS DEBUG
    """,
)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in OURS:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("name", "meant"), SLIPS.items())
def test_a_slip_is_told_with_what_is_meant(name: str, meant: str) -> None:
    assert resembling({name: "x"}, OURS) == {name: meant}
    assert resembling({name: "x", meant: "y"}, OURS) == {}, "what is meant is set: the other is somebody else's"


def test_ordinary_variables_of_a_machine_are_none() -> None:
    assert resembling(dict.fromkeys(ORDINARY, "x"), OURS) == {}


def test_keys_of_other_programs_are_theirs_once_a_model_is_set() -> None:
    others = {"OPENAI_API_KEY": "x", "YANDEX_API_KEY": "x"}
    assert resembling({**others, "BASE_URL": "http://127.0.0.1:11434/v1", "LLM_MODLE": "x"}, OURS) == {
        "LLM_MODLE": "LLM_MODEL"
    }


def test_the_start_names_them_in_one_line_from_the_file_and_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("LLM_MODLE=qwen3:8b\nTZ=Europe/Moscow\n")
    monkeypatch.setenv("SMTP_SERVER", "a-secret")
    [line] = setting_warnings(load_settings())
    assert "LLM_MODLE (did you mean LLM_MODEL?), SMTP_SERVER (did you mean SMTP_HOST?)" in line
    assert "qwen3" not in line
    assert "a-secret" not in line


def test_a_setting_that_is_missing_is_told_with_the_slip_that_hides_it() -> None:
    Path(".env").write_text("BASE_URL=http://127.0.0.1:11434/v1\nLLM_MODLE=qwen3:8b\n")
    with pytest.raises(InvalidSetting, match=r"^LLM_MODEL is missing.*LLM_MODLE \(did you mean LLM_MODEL\?\)$"):
        load_settings()
