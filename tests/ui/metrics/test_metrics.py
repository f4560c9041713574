"""Metrics: what Prometheus reads from a running server, changed by what people do there."""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry

from domain.instances.clock_skew import MUCH
from storage.database import DatabaseUnavailable
from tests.e2e.product import Product
from tests.llm_server import LlmServer
from tests.pages import PATIENCE, fetch, line
from tests.ports import free_port
from tests.postgres import Server
from tests.test_architecture import ROOT
from tests.ui.api.conftest import SECRET, WAIT, Program
from tests.ui.metrics.conftest import MODEL, MeasuredTown, Metrics, Scrape
from ui.metrics.meter import PrometheusMeter
from ui.metrics.read_when_scraped import COUNTERS, GAUGES, ReadWhenScraped

pytestmark = pytest.mark.slow
LABELS = {"state", "model", "direction", "code", "level", "le", "version"}


def talk(measured: MeasuredTown, words: str, **fields: str) -> Program:
    somebody = measured.town.come("ira")
    somebody.say(somebody.character(**fields), words)
    return somebody


def test_a_reply_is_counted_with_its_time_its_tokens_and_its_cost(measured: MeasuredTown) -> None:
    before = measured.metrics.scrape()
    talk(measured, "Привет!")
    after = measured.metrics.scrape()
    assert after("beseda_replies_total", state="done", model=MODEL) == 1 + before(
        "beseda_replies_total", state="done", model=MODEL
    )
    for name in ("beseda_reply_first_text_seconds_count", "beseda_reply_duration_seconds_count"):
        assert after(name, model=MODEL) >= 1
    assert after("beseda_reply_duration_seconds_sum", model=MODEL) >= after(
        "beseda_reply_first_text_seconds_sum", model=MODEL
    )
    assert after("beseda_queue_wait_seconds_count") > before("beseda_queue_wait_seconds_count")
    assert after("beseda_database_wait_seconds_count") > before("beseda_database_wait_seconds_count")
    read = after("beseda_tokens_total", direction="read", model=MODEL)
    written = after("beseda_tokens_total", direction="written", model=MODEL)
    assert read > 0 < written
    assert math.isclose(after("beseda_cost_roubles_total", model=MODEL), 2 * (read + written) / 1000, rel_tol=0.01)


def test_a_model_that_fails_is_counted_by_the_code_of_its_fault(measured: MeasuredTown) -> None:
    before = measured.metrics.scrape()
    somebody = measured.town.come("ira")
    refused = somebody.post(f"/api/dialogs/{somebody.character()}/messages", {"message": "[[fault:401]] Привет!"})
    assert refused.status_code == 502
    after = measured.metrics.scrape()
    for name, labels in (
        ("beseda_model_faults_total", {"code": "key_rejected"}),
        ("beseda_replies_total", {"state": "failed", "model": MODEL}),
        ("beseda_log_records_total", {"level": "warning"}),
    ):
        assert after(name, **labels) == before(name, **labels) + 1, name


def test_a_reply_being_written_takes_a_place(measured: MeasuredTown, llm: LlmServer) -> None:
    quiet = measured.metrics.scrape()
    assert (quiet("beseda_places"), quiet("beseda_places_taken"), quiet("beseda_replies_running")) == (10, 0, 0)
    somebody = measured.town.come("ira")
    live = somebody.listen(f"/api/dialogs/{somebody.character()}/messages", {"message": "[[fault:waits]] Привет!"})
    while next(live)["event"] != "piece":
        pass
    busy = measured.metrics.scrape()
    llm.go_on()
    assert (busy("beseda_places_taken"), busy("beseda_replies_running"), busy("beseda_places_waiting")) == (1, 1, 0)
    assert [each["event"] for each in live][-1] == "reply"


async def test_an_open_page_is_counted_and_its_coming_back(measured: MeasuredTown) -> None:
    def seen() -> tuple[float, float]:
        scrape = measured.metrics.scrape()
        return scrape("beseda_pages_open"), scrape("beseda_socket_reconnects_total")

    with httpx.Client(base_url=measured.town.product.url, timeout=WAIT) as browser:
        page = await asyncio.to_thread(fetch, browser, "/")
    async with line(page):
        assert await asyncio.to_thread(seen) == (1, 0)
    async with line(page), asyncio.timeout(PATIENCE):
        while await asyncio.to_thread(seen) != (1, 1):
            pass  # the end of the first connection may be known after the second has begun


def test_nothing_of_a_person_is_told(measured: MeasuredTown) -> None:
    somebody = talk(measured, "Тайна сундука", name="Каракатица")
    text = measured.metrics.scrape().text
    for private in (somebody.name, "@", "ira", "Каракатица", "Тайна", "сундук", "127.0.0.1"):
        assert private not in text
    samples = measured.metrics.scrape().samples
    assert {label for _name, labels in samples for label, _value in labels} <= LABELS


def test_the_server_tells_its_version_its_disk_and_its_own_health(measured: MeasuredTown) -> None:
    scrape = measured.metrics.scrape()
    assert [name for name, _labels in scrape.samples if name == "beseda_build_info"]
    assert 0 < scrape("beseda_data_disk_free_bytes") < scrape("beseda_data_disk_size_bytes")
    assert scrape("beseda_event_loop_lag_seconds_count") > 0
    assert scrape("process_resident_memory_bytes") > 0
    assert scrape("beseda_letters_waiting") == 0
    assert scrape("beseda_database_unavailable_total") == 0
    assert scrape("beseda_log_records_total", level="error") == 0


def test_the_start_says_where_it_is_as_ever(measured: MeasuredTown) -> None:
    assert f"\n  Беседа: {measured.town.product.url}\n" in measured.town.product.log.read_text("utf-8")


def test_what_no_setting_names_is_other_and_a_folder_is_never_told() -> None:
    registry = CollectorRegistry()
    meter = PrometheusMeter(registry, ["gpt://b1gfolder/yandexgpt/latest", "yandexgpt-lite/latest"])
    for model in ("gpt://b1gfolder/yandexgpt/latest", "yandexgpt/latest", "a-former-model"):
        meter.reply_ended("done", model, seconds=1, first_text=None)
    counts = {
        sample.labels["model"]: sample.value
        for family in registry.collect()
        for sample in family.samples
        if sample.name == "beseda_replies_total" and sample.labels["state"] == "done"
    }
    assert counts == {"yandexgpt/latest": 2, "yandexgpt-lite/latest": 0, "other": 1}


async def test_while_the_database_is_away_the_other_figures_are_there() -> None:
    async def away() -> Mapping[str, float]:
        raise DatabaseUnavailable("it is restarting")

    async def there() -> Mapping[str, float]:
        return {"places": 10}

    collector = ReadWhenScraped()
    collector.connect([away, there], asyncio.get_running_loop())
    [places] = await asyncio.to_thread(lambda: list(collector.collect()))
    assert places.name == "beseda_places"


def names(scrape: Scrape) -> set[str]:
    """Of every series that there can be: some come only with a second instance, or with a first backup."""
    sometimes = {f"beseda_{name}" for name in GAUGES} | {f"beseda_{name}_total" for name in COUNTERS}
    return sometimes | {name for name, _labels in scrape.samples if name.startswith("beseda_")}


def test_alert_rules_ask_for_metrics_that_there_are(measured: MeasuredTown) -> None:
    talk(measured, "Привет!")
    rules = (ROOT / "deploy" / "beseda.rules.yml").read_text("utf-8")
    asked = set(re.findall(r"beseda_\w+", re.sub(r"rule_files|beseda_rules", "", rules)))
    assert len(asked) > 10
    assert asked <= names(measured.metrics.scrape())


def test_operations_explain_every_metric(measured: MeasuredTown) -> None:
    talk(measured, "Привет!")
    there = {re.sub(r"_(bucket|count|sum)$", "", name) for name in names(measured.metrics.scrape())}
    table = (ROOT / "OPERATIONS.md").read_text("utf-8").partition("| metric (`beseda_…`)")[2].partition("\n\n")[0]
    explained = {
        f"beseda_{name}"
        for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", re.sub(r" by `\w+`(, `\w+`)*", "", row))
    }
    assert explained == there


def test_on_postgresql_an_instance_tells_whether_it_hears_the_others(postgres: Server, tmp_path: Path) -> None:
    port = free_port()
    url = postgres.create("measured")
    product = Product(tmp_path, DATABASE_URL=url, JWT_SECRET=SECRET, METRICS_PORT=str(port))
    product.start()
    metrics = Metrics(port)
    give_up = time.monotonic() + PATIENCE
    while metrics.scrape()("beseda_bus_up") != 1:
        assert time.monotonic() < give_up, "the bus never came up"
    scrape = metrics.scrape()
    assert abs(scrape("beseda_clock_skew_seconds")) < MUCH
    assert (scrape("beseda_bus_dropped_total"), scrape("beseda_places_taken")) == (0, 0)
    assert product.stop() == 0
    postgres.drop("measured")
