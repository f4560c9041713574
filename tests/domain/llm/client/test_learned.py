"""What the answers of a server teach about its model, and what they do not."""

from __future__ import annotations

import pytest

from domain.llm.client.learned import Learned
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
