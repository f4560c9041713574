"""Misspelt settings: names in `.env` and the environment that are none of ours but look like one that is not set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource

from domain.settings.settings import Settings

SHORTEST = 6
"""A shorter name of ours resembles too many of others (HOST and HOSTS, PORT and PORTS)."""
ALIKE = 0.86
"""From which ratio on two names count as one: one letter too many, too few, or in the wrong place."""
OWN_PREFIX = "BESEDA_"
MODEL_PREFIXES = ("OPENAI_", "YANDEX_", "YANDEXGPT_", "YC_", "LLM_")
"""They name a model's settings, and other programs on the machine read them too: no concern of ours once one is set."""
OTHER_NAMES = {
    "OPENAI_API_BASE": "BASE_URL",
    "OPENAI_MODEL": "LLM_MODEL",
    "YANDEX_CATALOG_ID": "FOLDER_ID",
    "CATALOG_ID": "FOLDER_ID",
    "FOLDER": "FOLDER_ID",
    "DB_URL": "DATABASE_URL",
    "SECRET_KEY": "JWT_SECRET",
    "SMTP_SERVER": "SMTP_HOST",
    "SMTP_USERNAME": "SMTP_USER",
    "SMTP_PASS": "SMTP_PASSWORD",
    "SMTP_FROM": "MAIL_FROM",
    "EMAIL_FROM": "MAIL_FROM",
    "TRUSTED_PROXY": "TRUSTED_PROXIES",
}
"""What other programs call the same."""
OF_OTHERS = ("LANGSMITH_", "LANGCHAIN_", "AWS_", "GITHUB_", "GOOGLE_", "OLLAMA_")
"""Begin variables of other programs that resemble ours."""


def misspelt_settings() -> str:
    """One line that names them and what is probably meant; empty if there are none."""
    given = {
        name.upper(): value
        for source in (EnvSettingsSource(Settings), DotEnvSettingsSource(Settings))
        for name, value in source.env_vars.items()
    }
    ours = [*(name.upper() for name in Settings.model_fields), "MODEL"]
    pairs = [f"{name} (did you mean {meant}?)" for name, meant in sorted(resembling(given, ours).items())]
    return f"Not a setting, so nobody reads it: {', '.join(pairs)}" if pairs else ""


def resembling(given: Mapping[str, str | None], ours: Iterable[str]) -> dict[str, str]:
    """Each name that is none of `ours`, with the one it resembles, unless that is set as well."""
    unset = {name for name in ours if not given.get(name)}
    meant = {name: _meant(name, unset) for name, value in given.items() if value and name not in set(ours)}
    return {name: setting for name, setting in meant.items() if setting}


def _meant(name: str, unset: set[str]) -> str | None:
    plain = {_plain(setting): setting for setting in unset}
    if same := plain.get(_plain(name)):
        return same
    if name.startswith(MODEL_PREFIXES) and not {"API_KEY", "BASE_URL"} <= unset:
        return _nearest(name, unset) if name.startswith("LLM_") else None
    if other := OTHER_NAMES.get(name):
        return other if other in unset else None
    for prefix in (OWN_PREFIX, *MODEL_PREFIXES):
        rest = name.removeprefix(prefix)
        if rest != name and rest in unset and len(rest) >= SHORTEST:
            return rest
    return None if name.startswith(OF_OTHERS) else _nearest(name, unset)


def _nearest(name: str, unset: set[str]) -> str | None:
    long_enough = [setting for setting in unset if len(setting) >= SHORTEST]
    return next(iter(get_close_matches(name, long_enough, n=1, cutoff=ALIKE)), None)


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "")
