"""Fixtures: the product with its metrics turned on, and a scraper that reads them with Prometheus' own parser."""

from __future__ import annotations

import urllib.request
from collections.abc import Generator, Mapping
from dataclasses import dataclass

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.product import Product
from tests.llm_server import LlmServer
from tests.ports import free_port
from tests.ui.api.conftest import SECRET, Town

MODEL = "the-model"


@dataclass(frozen=True)
class Scrape:
    """The contents of the metrics endpoint at one moment."""

    text: str
    samples: Mapping[tuple[str, frozenset[tuple[str, str]]], float]

    def __call__(self, name: str, **labels: str) -> float:
        return self.samples[name, frozenset(labels.items())]


class Metrics:
    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/metrics"

    def scrape(self) -> Scrape:
        with urllib.request.urlopen(self.url) as answer:
            text = answer.read().decode()
        samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }
        return Scrape(text, samples)


@dataclass(frozen=True)
class MeasuredTown:
    town: Town
    metrics: Metrics


@pytest.fixture(scope="module")
def llm() -> Generator[LlmServer]:
    with LlmServer() as server:
        yield server


@pytest.fixture(scope="module")
def measured(llm: LlmServer, tmp_path_factory: pytest.TempPathFactory) -> Generator[MeasuredTown]:
    folder = tmp_path_factory.mktemp("measured")
    port = free_port()
    product = Product(
        folder,
        BASE_URL=llm.url,
        LLM_MODEL=MODEL,
        LLM_PRICES=f"{MODEL}=2",
        JWT_SECRET=SECRET,
        METRICS_PORT=str(port),
    )
    product.start()
    town = Town(product, f"sqlite:///{folder / 'data' / 'beseda.db'}")
    yield MeasuredTown(town, Metrics(port))
    town.leave()
    assert product.stop() == 0
