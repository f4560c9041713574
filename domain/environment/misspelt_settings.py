"""Misspelt settings: names in `.env` and the environment that are not ours but resemble a setting that is not set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource

from domain.settings.settings import Settings

SHORTEST = 6
"""Minimum letters of a setting's name: shorter ones resemble too many other names (HOST and HOSTS, PORT and PORTS)."""
ALIKE = 0.86
"""Minimum ratio at which two names count as one: with one letter too many, too few, or in the wrong place."""
OWN_PREFIX = "BESEDA_"
MODEL_PREFIXES = ("OPENAI_", "YANDEX_", "YANDEXGPT_", "YC_", "LLM_")
"""Prefixes of a model's settings, which other programs on the machine read, too. Once API_KEY or BASE_URL is set, only
names with `LLM_` are looked at.
"""
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
"""Names of the same settings in other programs."""
OF_OTHERS = ("LANGSMITH_", "LANGCHAIN_", "AWS_", "GITHUB_", "GOOGLE_", "OLLAMA_")
"""Prefixes of other programs' variables that resemble ours."""


def misspelt_settings() -> str:
    """One line that names the misspelt settings and those probably meant; empty if there are none."""
    given = {
        name.upper(): value
        for source in (EnvSettingsSource(Settings), DotEnvSettingsSource(Settings))
        for name, value in source.env_vars.items()
    }
    ours = [*(name.upper() for name in Settings.model_fields), "MODEL"]
    pairs = [f"{name} (did you mean {meant}?)" for name, meant in sorted(resembling(given, ours).items())]
    return f"Not a setting, so nobody reads it: {', '.join(pairs)}" if pairs else ""


def resembling(given: Mapping[str, str | None], ours: Iterable[str]) -> dict[str, str]:
    """Maps each given name that is not among `ours` to the one it resembles, if that is not set as well."""
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
