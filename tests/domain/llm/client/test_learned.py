"""Learned parameters of a model: what the answers of its server teach, and what they do not."""

from __future__ import annotations

import json

import pytest

from domain.llm.client.learned import Learned
from domain.llm.client.refusals import read_refusal
from domain.llm.token_estimates import CHARACTERS_A_TOKEN


@pytest.mark.parametrize(
    ("characters", "tokens", "learned"),
    [
        (10_000, 5_000, 2.0),
        (900, 900, CHARACTERS_A_TOKEN),  # mostly the template's own tokens
        (10_000, 20_000, CHARACTERS_A_TOKEN),  # not tokens of text: half a letter each
        (10_000, 2_000, CHARACTERS_A_TOKEN),  # fewer than estimated: there is room to spare
        (10_000, 0, CHARACTERS_A_TOKEN),
    ],
)
def test_a_prompt_is_counted_denser_only_after_a_believable_count(characters: int, tokens: int, learned: float) -> None:
    model = Learned("m")
    model.learn_density(characters, tokens)
    assert model.characters_a_token == learned


SENT = ["temperature", "max_tokens", "stream"]


def refused(message: str) -> Learned:
    """A model whose server refused a request with these words."""
    model = Learned("m")
    body = {"error": {"message": message, "type": "invalid_request_error"}}
    model.adapt(read_refusal(400, json.dumps(body)), SENT)
    return model


def test_a_full_context_teaches_nothing_about_the_limit_that_it_names() -> None:
    """Without a limit the next reply would be as long as the model likes, and paid for."""
    model = refused(
        "input length and `max_tokens` exceed context limit: 7900 + 1000 > 8192, decrease input length or `max_tokens`"
    )
    assert model.parameters({}, 1000) == {"max_tokens": 1000}


@pytest.mark.parametrize(
    ("message", "sent"),
    [
        ("max_tokens must be less than or equal to 512", {"max_tokens": 512}),
        ("max_tokens must be less than or equal to 4096", {"max_tokens": 1000}),
        ("max_tokens must be at most 1 if n is given", {}),
        ("max_tokens must be at most 9007199254740991", {}),
    ],
)
def test_a_reply_is_asked_for_as_long_as_the_server_takes_it(message: str, sent: dict[str, object]) -> None:
    assert refused(message).parameters({}, 1000) == sent
