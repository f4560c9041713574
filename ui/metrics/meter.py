"""Prometheus metrics that are counted as things happen, as the domain and the database report them.

A label is a state, a model of the settings, a code: never a person, a dialog, a title or an address.
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram

from domain.llm.faults import BY_CODE
from domain.model.dialog import State

MILLIONTHS = 1_000_000
OTHER = "other"
ENDS = [state.value for state in State if state is not State.RUNNING]
FIRST_TEXT = (0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300)
WHOLE_REPLY = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600)
IN_QUEUE = (0.001, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120)
FOR_DATABASE = (0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 5, 10, 60)


class PrometheusMeter:
    """A `Meter` (domain/usage/meter.py) of replies and an `Observer` (storage/database.py) of the database. `models`
    are those of the settings; each other one, such as one that was chosen for a dialog before they changed, is `other`.
    """

    def __init__(self, registry: CollectorRegistry, models: Iterable[str]) -> None:
        self._models = {model: _without_folder(model) for model in models}
        self._replies = Counter(
            "beseda_replies", "Replies that have ended, by state and model.", ["state", "model"], registry=registry
        )
        self._first_text = Histogram(
            "beseda_reply_first_text_seconds",
            "From asking for a reply to its first text, the queue included.",
            ["model"],
            buckets=FIRST_TEXT,
            registry=registry,
        )
        self._whole_reply = Histogram(
            "beseda_reply_duration_seconds",
            "From asking for a reply to its end in the database, however it ended.",
            ["model"],
            buckets=WHOLE_REPLY,
            registry=registry,
        )
        self._tokens = Counter(
            "beseda_tokens",
            "Tokens read and written, by replies and by help.",
            ["direction", "model"],
            registry=registry,
        )
        self._cost = Counter("beseda_cost_roubles", "What they cost by LLM_PRICES.", ["model"], registry=registry)
        self._faults = Counter(
            "beseda_model_faults",
            "Failed requests to the model, those asked again included.",
            ["code"],
            registry=registry,
        )
        self._queue_wait = Histogram(
            "beseda_queue_wait_seconds", "Waiting for a place at the model.", buckets=IN_QUEUE, registry=registry
        )
        self._database_wait = Histogram(
            "beseda_database_wait_seconds",
            "Waiting for a turn at the database.",
            buckets=FOR_DATABASE,
            registry=registry,
        )
        self._no_answer = Counter(
            "beseda_database_unavailable", "Transactions that the database did not answer.", registry=registry
        )
        self._begin_at_zero()

    def reply_ended(self, state: str, model: str, *, seconds: float, first_text: float | None) -> None:
        model = self._label(model)
        self._replies.labels(state, model).inc()
        self._whole_reply.labels(model).observe(seconds)
        if first_text is not None:
            self._first_text.labels(model).observe(first_text)

    def tokens_used(self, model: str, tokens_in: int, tokens_out: int, cost: int) -> None:
        model = self._label(model)
        self._tokens.labels("read", model).inc(tokens_in)
        self._tokens.labels("written", model).inc(tokens_out)
        self._cost.labels(model).inc(cost / MILLIONTHS)

    def model_failed(self, code: str) -> None:
        self._faults.labels(code).inc()

    def place_granted(self, waited: float) -> None:
        self._queue_wait.observe(waited)

    def waited(self, seconds: float) -> None:
        self._database_wait.observe(seconds)

    def did_not_answer(self) -> None:
        self._no_answer.inc()

    def _label(self, model: str) -> str:
        return self._models.get(model) or (model if model in self._models.values() else OTHER)

    def _begin_at_zero(self) -> None:
        """Create the series at zero, so that the first event of a kind is seen as an increase."""
        for model in {*self._models.values(), OTHER}:
            for state in ENDS:
                self._replies.labels(state, model)
        for code in BY_CODE:
            self._faults.labels(code)


def _without_folder(model: str) -> str:
    """Yandex's full names hold the number of the account's folder."""
    return model.removeprefix("gpt://").partition("/")[2] if model.startswith("gpt://") else model
