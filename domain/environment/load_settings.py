"""Loads the settings once, at the start: an unusable value is refused with one line, an odd one gets a warning."""

from __future__ import annotations

from pydantic import ValidationError

from domain.addresses.model_address import base_url_warning
from domain.environment.misspelt_settings import misspelt_settings
from domain.settings.settings import Settings


class InvalidSetting(Exception):
    """A setting that cannot be used; the text is one line naming the variable."""


def load_settings() -> Settings:
    """Read `.env` and the environment; raises `InvalidSetting` with one line that names the variable."""
    try:
        return Settings()
    except ValidationError as error:
        raise InvalidSetting(" ".join(filter(None, (_in_one_line(error), misspelt_settings())))) from error
    except UnicodeDecodeError as error:
        raise InvalidSetting(".env: is not saved as UTF-8") from error


def setting_warnings(settings: Settings) -> list[str]:
    """Warnings about settings that are valid but probably not as intended; one line each for the log."""
    lines = (base_url_warning(settings.base_url), misspelt_settings(), _secret_of_its_own(settings))
    return [line for line in lines if line]


def _secret_of_its_own(settings: Settings) -> str:
    if settings.database.startswith("sqlite") or settings.jwt_secret.get_secret_value():
        return ""
    return (
        "JWT_SECRET is not set, so the one in DATA_DIR is used. Several instances on this database need the same one: "
        "else each refuses the links and tokens of the others"
    )


def _in_one_line(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    name = str(first["loc"][0]).upper() if first["loc"] else ""
    reason = first["msg"].removeprefix("Value error, ")
    reason = reason[0].lower() + reason[1:] if name else reason
    return f"{name}: {reason}" if name else reason
