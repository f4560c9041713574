"""Model errors: what people read about them, and what admins read."""

from __future__ import annotations

from domain.llm.faults import AWAY, FAULTS, WRONGLY_SET, sentence_for, sentence_for_admins


def test_every_kept_code_has_its_sentence() -> None:
    assert len({fault.code for fault in FAULTS}) == len(FAULTS)
    assert all(sentence_for(fault.code) == fault.sentence for fault in FAULTS)
    assert sentence_for("from another version") == AWAY


def test_people_are_told_to_wait_only_where_waiting_helps() -> None:
    for code in ("unavailable", "unreachable"):
        assert sentence_for(code) == AWAY
    for code in ("key_rejected", "unknown_model", "wrong_address", "no_money", "misconfigured", "certificate"):
        assert sentence_for(code) == WRONGLY_SET


def test_admins_read_which_setting_is_wrong() -> None:
    told = {
        "key_rejected": "API_KEY",
        "unknown_model": "LLM_MODEL",
        "wrong_address": "BASE_URL",
        "unreachable": "BASE_URL",
        "certificate": "SSL_CERT_FILE",
        "thought_only": "LLM_MAX_REPLY_TOKENS",
        "too_long": "LLM_WINDOW",
        "loading": "LLM_FIRST_TIMEOUT",
    }
    for code, setting in told.items():
        assert setting in sentence_for_admins(code)
