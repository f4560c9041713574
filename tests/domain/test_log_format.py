"""Log injection: nobody forges a line of the log, whatever they send; as text, and as JSON."""

from __future__ import annotations

import io
import json
import logging
import re
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.log_format import OneLineFormatter, formatter_for
from tests.e2e.product import Product

FORGED = "oops\n2026-11-28 10:00:00,000 INFO    beseda: Person 1 comes in"
RECORD = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \w+ +[^:]+: ")

STEERING = [
    "\n",
    "\r",
    "\x0b",
    "\x0c",
    "\x1b[31m",
    "\x08",
    "\x85",
    "\u2028",
    "\u2029",
    "\u202e",
    "\u2066",
    "\u200f",
    "\ud800",
]


@pytest.fixture
def written() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(written: io.StringIO) -> logging.Logger:
    handler = logging.StreamHandler(written)
    handler.setFormatter(OneLineFormatter())
    log = logging.Logger("a test")  # noqa: LOG001 - of its own, so that nobody else writes here
    log.addHandler(handler)
    return log


def test_foreign_words_stay_on_their_line(log: logging.Logger, written: io.StringIO) -> None:
    log.warning("Refused: %s", FORGED)
    assert len(written.getvalue().splitlines()) == 1
    assert r"oops\n2026" in written.getvalue()


@pytest.mark.parametrize("sign", STEERING)
def test_what_ends_a_line_or_steers_a_terminal_is_written_out(
    log: logging.Logger, written: io.StringIO, sign: str
) -> None:
    log.warning("Refused: %s", f"before{sign}after")
    assert sign not in written.getvalue().removesuffix("\n")
    assert re.search(r"before\\\w+.*after\n$", written.getvalue())


def test_plain_words_stay_as_they_are(log: logging.Logger, written: io.StringIO) -> None:
    log.warning("Письмо для %s: «%s» 🌊", "anna@example.org", "Здравствуйте")
    assert "Письмо для anna@example.org: «Здравствуйте» 🌊" in written.getvalue()


def test_a_traceback_keeps_its_lines_and_none_can_be_taken_for_a_record(
    log: logging.Logger, written: io.StringIO
) -> None:
    try:
        raise ValueError(FORGED)  # noqa: TRY301 - it is what is logged
    except ValueError:
        log.exception("Unexpected")
    first, *rest = written.getvalue().splitlines()
    assert RECORD.match(first)
    assert rest[0].strip() == "Traceback (most recent call last):"
    assert any("Person 1 comes in" in line for line in rest)
    assert not any(RECORD.match(line) for line in rest)


@pytest.fixture
def json_log(written: io.StringIO) -> logging.Logger:
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter_for("json", instance="b"))
    log = logging.Logger("a test")  # noqa: LOG001 - of its own, so that nobody else writes here
    log.addHandler(handler)
    return log


def test_as_json_each_record_is_an_object_with_the_same_fields(json_log: logging.Logger, written: io.StringIO) -> None:
    json_log.warning("Письмо %s не ушло", 7, extra={"reference": "0a1b2c3d", "color_message": "of another package"})
    record = json.loads(written.getvalue())
    assert datetime.now(UTC) - datetime.fromisoformat(record.pop("time")) < timedelta(minutes=1)
    assert record == {
        "level": "WARNING",
        "logger": "a test",
        "instance": "b",
        "message": "Письмо 7 не ушло",
        "reference": "0a1b2c3d",
    }
    assert "Письмо" in written.getvalue(), "readable as it is"


@pytest.mark.parametrize("sign", STEERING)
def test_as_json_nothing_ends_the_line_or_steers_a_terminal(
    json_log: logging.Logger, written: io.StringIO, sign: str
) -> None:
    json_log.warning("Refused: %s", f"before{sign}after")
    assert written.getvalue().removesuffix("\n").isprintable()
    assert json.loads(written.getvalue())["message"] == f"Refused: before{sign}after", "and nothing of it is lost"


def test_as_json_a_traceback_is_a_field(json_log: logging.Logger, written: io.StringIO) -> None:
    try:
        raise ValueError(FORGED)  # noqa: TRY301 - it is what is logged
    except ValueError:
        json_log.exception("Unexpected")
    [line] = written.getvalue().splitlines()
    assert "ValueError: oops\n2026" in json.loads(line)["traceback"]


@pytest.mark.slow
def test_as_json_all_that_a_server_says_from_its_start_on_is_objects(tmp_path: Path) -> None:
    product = Product(tmp_path, LOG_FORMAT="json", INSTANCE="b", LOG_LEVEL="WARNING")
    product.start()
    with urllib.request.urlopen(f"{product.url}/log-in"):
        assert product.stop() == 0
    records = [json.loads(line) for line in product.log.read_text("utf-8").splitlines()]
    assert {record["instance"] for record in records} == {"b"}
    said = " ".join(record["message"] for record in records)
    assert f"Беседа: {product.url}" in said, "whatever LOG_LEVEL says"
    assert "/first-admin/" in said
    assert "До встречи!" in said
