"""Settings: from the environment and `.env`, with their defaults and refusals."""

from __future__ import annotations

import asyncio
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from domain.addresses.model_address import YANDEX_BASE_URL
from domain.environment.load_settings import InvalidSetting, load_settings, setting_warnings
from domain.rate_limits import NAMES
from domain.secret import signing_secret
from domain.settings.settings import Settings

ROOT = Path(__file__).parents[2]
SEEDS_BASE_URL = "https://llm.api.cloud.yandex.net/foundationModels/v1"
LONG_SECRET = "kR7" * 11


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty working directory, and none of our variables in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in [*Settings.model_fields, "model"]:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(name, raising=False)


def load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def test_without_any_setting_it_runs_here_on_sqlite_with_the_demo_model() -> None:
    settings = load_settings()
    assert settings.address == "http://127.0.0.1:8000"
    assert settings.database == "sqlite:///data/beseda.db"
    assert settings.is_demo
    assert not settings.is_secure
    assert not settings.langsmith_api.get_secret_value()  # nothing is sent abroad unasked
    assert setting_warnings(settings) == []


def test_every_setting_stands_in_the_example() -> None:
    assert sorted(line.partition("=")[0] for line in examples()) == sorted(
        name.upper() for name in Settings.model_fields
    )


def test_each_line_of_the_example_can_be_uncommented_alone_or_with_all_others_and_means_the_default() -> None:
    for lines in ([], *([line] for line in examples()), examples()):
        Path(".env").write_text("\n".join(lines), "utf-8")
        assert load_settings() == Settings(_env_file=None), lines


def test_no_line_of_the_example_has_a_remark_that_would_become_part_of_its_value() -> None:
    assert [line for line in examples() if re.search(r"\s", line)] == []


def examples() -> list[str]:
    """Settings in the lines of `.env.example` that people uncomment."""
    return re.findall(r"^# *([A-Z_]+=.*)", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("readme", ["README.md", "README.ru.md"])
def test_every_setting_stands_in_a_table_of_each_readme(readme: str) -> None:
    rows = "\n".join(line for line in (ROOT / readme).read_text("utf-8").splitlines() if line.startswith("| "))
    for name in Settings.model_fields:
        assert f"`{name.upper()}`" in rows, name


def test_an_untouched_copy_with_empty_values_means_the_defaults() -> None:
    Path(".env").write_text("PORT=\nJWT_SECRET=\nAPI_KEY=\nTEMPERATURE=\nDB_ECHO=\nsomething_else=1\n")
    assert load_settings() == Settings(_env_file=None)


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("PORT=9000\nHOST=0.0.0.0\n")
    settings = load(monkeypatch, PORT="9001")
    assert settings.address == "http://127.0.0.1:9001"  # a link to 0.0.0.0 would lead nowhere


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("PORT", bad) for bad in ("eight", "0", "65536", "-1", "80.5")),
        *(("TEMPERATURE", bad) for bad in ("warm", "-0.1", "1.1", "nan", "inf")),
        *(("DEMO_PAUSE", bad) for bad in ("-1", "6", "nan")),
        *(("LLM_CONCURRENCY", bad) for bad in ("0", "many", "1001")),
        *(("REPLIES_AT_ONCE", bad) for bad in ("0", "many", "1001")),
        *(("LLM_MAX_REPLY_TOKENS", bad) for bad in ("0", "15", "32001")),
        *(("LLM_PROMPT", bad) for bad in ("0", "1999", "many", "1e9")),
        *(("LLM_PRICES", bad) for bad in ("0.2", "m=", "m=free", "m=-1", "m=1/2/3", "m=1,m=2", "m=nan", "m=1e9", "=1")),
        *(("DAILY_TOKENS", bad) for bad in ("-1", "many", "1e10")),
        *(("ACCESS_TOKEN_EXPIRE_MINUTES", bad) for bad in ("0", "-5", "forever")),
        *(("DATABASE_URL", bad) for bad in ("mysql://u:hunter2@host/db", "beseda.db", "sqlite://", "sqlite:x")),
        *(
            ("CORS_ORIGINS", bad)
            for bad in ("*", "null", "app.example.org", "https://", "https://a.example/path", "https://[")
        ),
        *(("PUBLIC_URL", bad) for bad in ("beseda.example.org", "ftp://example.org", "javascript:alert(1)", "http://")),
        *(
            ("PUBLIC_URL", f"https://example.org{bad}")
            for bad in ("/beseda", "/beseda/", "?x=1", "#x", ":port", ":99999")
        ),
        ("PUBLIC_URL", "https://somebody:hunter2@example.org"),
        *(("BASE_URL", bad) for bad in ("localhost:11434/v1", "http://127.0.0.1:port/v1", "http://127.0.0.1:99999/v1")),
        *(("BASE_URL", bad) for bad in ("http://a b/v1", "http://[::1/v1", "https://a.example/v1?version=1")),
        *(("API_KEY", bad) for bad in ("ключ", "hunter2\nhunter2", "a\tkey")),
        ("FOLDER_ID", "папка"),
        *(("JWT_SECRET", bad) for bad in ("change-me", "Change-Me-To-Long-Random-String", "secret", "x" * 31)),
        *(("PICTURES_URL", bad) for bad in ("pictures", "s3://", "https://s3.example/b", "s3://key:hunter2@bucket")),
        *(("PICTURES_URL", bad) for bad in ("s3://bucket?key=hunter2", "s3://bucket:9000/photos")),
        ("AWS_ENDPOINT_URL", "storage.yandexcloud.net"),
        ("DB_ECHO", "perhaps"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
        *(("METRICS_PORT", bad) for bad in ("metrics", "-1", "65536")),
    ],
)
def test_a_bad_value_is_refused_in_one_line_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(InvalidSetting) as refused:
        load(monkeypatch, **{name: value})
    line = str(refused.value)
    assert line.startswith(f"{name}: ")
    assert "\n" not in line
    assert "hunter2" not in line


def test_a_bucket_without_the_package_for_it_stops_the_start_and_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("domain.settings.setting_types.find_spec", lambda _name: None)
    with pytest.raises(InvalidSetting, match=r"^PICTURES_URL: needs a package: .*requirements-extras.txt$"):
        load(monkeypatch, PICTURES_URL="s3://bucket")


@pytest.mark.parametrize("given", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_half_a_key_of_the_bucket_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    with pytest.raises(InvalidSetting, match="go together") as refused:
        load(monkeypatch, PICTURES_URL="s3://bucket", **{given: "hunter2"})
    assert "hunter2" not in str(refused.value)


def test_a_bad_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidSetting) as refused:
        load(monkeypatch, JWT_SECRET="tooshortbutmine")
    assert "tooshortbutmine" not in str(refused.value)


def test_an_unreadable_file_of_settings_is_refused_in_one_line() -> None:
    Path(".env").write_bytes("# Порт\nPORT=8000\n".encode("cp1251"))
    with pytest.raises(InvalidSetting) as refused:
        load_settings()
    assert ".env" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_secrets_do_not_show_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, API_KEY="AQVN-key", FOLDER_ID="b1g", JWT_SECRET=LONG_SECRET)
    for secret in ("AQVN-key", LONG_SECRET):
        assert secret not in repr(settings)


def test_a_key_without_its_folder_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidSetting, match="FOLDER_ID is missing"):
        load(monkeypatch, API_KEY="AQVN-key")


@pytest.mark.parametrize("address", [SEEDS_BASE_URL, YANDEX_BASE_URL])
def test_yandex_by_its_address_asks_for_the_folder_too(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    with pytest.raises(InvalidSetting, match="FOLDER_ID is missing"):
        load(monkeypatch, API_KEY="AQVN-key", BASE_URL=address, LLM_MODEL="yandexgpt/latest")


def test_a_key_with_its_folder_is_yandexgpt(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, API_KEY="AQVN-key", FOLDER_ID="b1g")
    assert not settings.is_demo
    assert settings.model_address == YANDEX_BASE_URL
    assert settings.model == "yandexgpt-lite/latest"


@pytest.mark.parametrize("end", ["", "/", "/completion", "/completionAsync"])
def test_the_native_address_is_corrected_with_a_warning(monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    settings = load(monkeypatch, API_KEY="AQVN-key", FOLDER_ID="b1g", BASE_URL=SEEDS_BASE_URL + end)
    assert settings.model_address == YANDEX_BASE_URL
    [warning] = setting_warnings(settings)
    assert "BASE_URL" in warning
    assert YANDEX_BASE_URL in warning


def test_another_server_works_by_address_and_model_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, BASE_URL="http://127.0.0.1:11434/v1/", LLM_MODEL="qwen3:8b")
    assert not settings.is_demo
    assert (settings.model_address, settings.model) == ("http://127.0.0.1:11434/v1", "qwen3:8b")
    assert setting_warnings(settings) == []


def test_another_server_without_a_model_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidSetting, match="LLM_MODEL is missing"):
        load(monkeypatch, BASE_URL="http://127.0.0.1:11434/v1")


def test_the_models_old_name_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, MODEL="yandexgpt/rc").model == "yandexgpt/rc"
    assert load(monkeypatch, LLM_MODEL="aliceai-llm").model == "aliceai-llm"


def test_links_begin_with_the_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, PUBLIC_URL="https://beseda.example.org/", HOST="0.0.0.0")
    assert settings.address == "https://beseda.example.org"
    assert settings.is_secure


def test_blanks_and_line_ends_around_a_value_are_no_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        monkeypatch,
        API_KEY=" abc\n",
        FOLDER_ID="\tb1g ",
        PORT=" 9000 ",
        HOST=" ::1\n",
        TEMPERATURE=" ",
        PUBLIC_URL="\n",
    )
    assert settings.api_key.get_secret_value() == "abc"
    assert settings.folder_id == "b1g"
    assert settings.address == "http://[::1]:9000"
    assert settings.temperature == 0.6


def test_a_mark_at_the_beginning_of_the_file_hides_no_setting() -> None:
    Path(".env").write_bytes("PORT=9000\n".encode("utf-8-sig"))
    assert load_settings().port == 9000


@pytest.mark.parametrize("end", ["/chat/completions", "/chat/completions/", "/completions", "/responses", "/models"])
def test_an_address_copied_with_its_route_is_corrected_with_a_warning(
    monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    settings = load(monkeypatch, BASE_URL=f"http://porter:hunter2@127.0.0.1:8080/v1{end}", LLM_MODEL="m")
    assert settings.model_address == "http://porter:hunter2@127.0.0.1:8080/v1"
    [warning] = setting_warnings(settings)
    assert warning.startswith("BASE_URL ends in ")
    assert "hunter2" not in warning
    assert "http://127.0.0.1:8080/v1 is used" in warning


def test_an_address_without_a_path_is_pointed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, BASE_URL="http://127.0.0.1:11434/", LLM_MODEL="m")
    assert settings.model_address == "http://127.0.0.1:11434", "some servers do answer there"
    [warning] = setting_warnings(settings)
    assert warning.startswith("BASE_URL has no path")
    assert "http://127.0.0.1:11434/v1" in warning


def test_origins_of_other_sites_are_compared_as_browsers_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, CORS_ORIGINS="https://App.Example.org:443, https://беседа.рф, http://[::1]:80")
    assert settings.welcome_origins == ["https://app.example.org", "https://xn--80abjda5e.xn--p1ai", "http://[::1]"]


def test_an_ipv6_address_can_be_clicked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, HOST="::1").address == "http://[::1]:8000"
    assert load(monkeypatch, HOST="[::1]").address == "http://[::1]:8000"


def test_a_given_secret_is_used_and_nothing_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert signing_secret(load(monkeypatch, JWT_SECRET=LONG_SECRET)) == LONG_SECRET
    assert list(tmp_path.iterdir()) == []


def test_a_made_secret_is_long_kept_for_its_owner_and_the_same_after_a_restart(tmp_path: Path) -> None:
    secret = signing_secret(load_settings())
    assert len(secret.encode()) >= 32
    assert signing_secret(load_settings()) == secret
    [file] = (tmp_path / "data").iterdir()  # and no temporary file is left
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.unlink()
    assert signing_secret(load_settings()) != secret


async def test_starts_within_one_process_number_end_with_one_secret() -> None:
    settings = load_settings()  # as in two containers over one volume, where each server is process 1
    answers = await asyncio.gather(*(asyncio.to_thread(signing_secret, settings) for _ in range(8)))
    assert set(answers) == {signing_secret(settings)}


@pytest.mark.slow
def test_servers_starting_at_once_end_with_one_secret(tmp_path: Path) -> None:
    program = (
        "from domain.secret import signing_secret; from domain.environment.load_settings import load_settings;"
        " print('ready', flush=True); input(); print(signing_secret(load_settings()))"
    )
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATA_DIR": str(tmp_path / "new" / "data")}
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", program], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for server in servers:
        assert server.stdout
        assert server.stdout.readline() == "ready\n"
    for server in servers:
        assert server.stdin
        server.stdin.write("\n")
        server.stdin.flush()
    answers = {server.communicate(timeout=180)[0] for server in servers}
    assert len(answers) == 1
    assert len(answers.pop().strip()) >= 32


def test_every_limit_stands_in_the_example_and_can_be_another(monkeypatch: pytest.MonkeyPatch) -> None:
    example = (ROOT / ".env.example").read_text()
    words = re.findall(r"[a-z_]+", example[example.index("# --- Limits") : example.index("# LIMITS=")])
    assert {name for name in NAMES if name not in words} == set()
    assert load(monkeypatch, LIMITS=",".join(f"{name}=7" for name in NAMES)).limit_times == dict.fromkeys(NAMES, 7)


@pytest.mark.parametrize(
    ("hosts", "is_refused"),
    [
        ({}, True),
        ({"HOST": "0.0.0.0"}, True),
        ({"METRICS_HOST": "::"}, True),
        ({"HOST": "192.0.2.1"}, False),
    ],
)
def test_metrics_have_a_port_of_their_own(
    monkeypatch: pytest.MonkeyPatch, hosts: dict[str, str], is_refused: bool
) -> None:
    ports = {"PORT": "9000", "METRICS_PORT": "9000"}
    if not is_refused:
        load(monkeypatch, **hosts, **ports)
        return
    with pytest.raises(InvalidSetting, match=r"^METRICS_PORT is the same as PORT"):
        load(monkeypatch, **hosts, **ports)


MAIL = {"SMTP_HOST": "smtp.example.org", "MAIL_FROM": "Беседа <beseda@example.org>"}
LOG_IN = {"SMTP_USER": "beseda", "SMTP_PASSWORD": "hunter2"}


def test_letters_are_printed_until_a_mail_server_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().prints_letters
    settings = load(monkeypatch, **MAIL, **LOG_IN)
    assert not settings.prints_letters
    assert settings.mail_security == "starttls"
    assert "hunter2" not in repr(settings)
    assert load(monkeypatch, SMTP_PORT="465").mail_security == "tls"
    assert load(monkeypatch, SMTP_SECURITY="starttls").mail_security == "starttls"


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"SMTP_HOST": "smtp.example.org"}, "MAIL_FROM"),
        (MAIL | {"MAIL_FROM": "Беседа"}, "MAIL_FROM"),
        (MAIL | {"MAIL_FROM": "beseda@example.org\nBcc: all@example.org"}, "MAIL_FROM"),
        ({"MAIL_FROM": "beseda@example.org"}, "SMTP_HOST"),
        (MAIL | {"SMTP_USER": "beseda"}, "SMTP_PASSWORD"),
        (MAIL | {"SMTP_PASSWORD": "hunter2"}, "SMTP_USER"),
        (MAIL | LOG_IN | {"SMTP_SECURITY": "none"}, "SMTP_SECURITY"),
        (MAIL | {"SMTP_SECURITY": "ssl"}, "SMTP_SECURITY"),
    ],
)
def test_mail_settings_that_cannot_work_are_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], named: str
) -> None:
    with pytest.raises(InvalidSetting, match=named) as refused:
        load(monkeypatch, **variables)
    assert "\n" not in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_password_may_go_unencrypted_to_a_mail_server_on_the_same_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, **(MAIL | LOG_IN | {"SMTP_HOST": "127.0.0.1", "SMTP_SECURITY": "none"}))
    assert settings.mail_security == "none"


@pytest.mark.parametrize(
    "listed", ["boss", "boss@example.org, chief", "ｂoss@example.org", "bоss@example.org", "boss@ｅxample.org"]
)
def test_an_admins_address_that_can_be_taken_for_another_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, listed: str
) -> None:
    with pytest.raises(InvalidSetting, match=r"^ADMIN_EMAILS: must list e-mail addresses in letters of one alphabet"):
        load(monkeypatch, ADMIN_EMAILS=listed)


def test_admins_addresses_are_kept_letter_by_letter_with_their_domains_normalized(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = load(monkeypatch, ADMIN_EMAILS=" Boss@Example.ORG,анна@xn--80a1acny.xn--p1ai ")
    assert settings.admin_addresses == ["Boss@example.org", "анна@почта.рф"]


@pytest.mark.parametrize("address", ["redis://bus:6379", "valkeys://:secret@bus/1", "postgres://bus:5432/beseda"])
def test_the_bus_may_be_another_server(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    settings = load(monkeypatch, DATABASE_URL="postgresql://pool:6432/beseda", BUS_URL=address, INSTANCE="a")
    assert (settings.bus_url, settings.instance_name) == (address, "a")


@pytest.mark.parametrize("address", ["amqp://bus", "sqlite:///bus.db", "bus:6379"])
def test_a_bus_that_cannot_be_one_is_refused_without_repeating_its_password(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    with pytest.raises(InvalidSetting, match="BUS_URL: must be the address of a PostgreSQL server or of a Redis"):
        load(monkeypatch, DATABASE_URL="postgresql://pool/beseda", BUS_URL=address)


def test_a_bus_on_sqlite_is_refused_since_nobody_else_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidSetting, match="set DATABASE_URL"):
        load(monkeypatch, BUS_URL="redis://bus")


def test_each_instance_has_a_name_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, PORT="8001").instance_name != load(monkeypatch, PORT="8002").instance_name


def test_on_postgresql_it_is_said_that_all_instances_need_the_same_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    (warning,) = setting_warnings(load(monkeypatch, DATABASE_URL="postgresql://db/beseda"))
    assert warning.startswith("JWT_SECRET is not set")
    assert setting_warnings(load(monkeypatch, JWT_SECRET=LONG_SECRET)) == []
