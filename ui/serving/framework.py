"""The framework, imported without what nobody here uses of it, before anything else imports it."""

from __future__ import annotations

import sys

from pydantic import BaseModel


def import_framework() -> None:
    """Socketio can be a client, too, for which it loads two HTTP libraries if they are there, and could keep its state
    in Redis, as NiceGUI could; FastAPI would read addresses in descriptions of an API, where ours has none: over 13 MB
    and a tenth of a second for what nobody uses.
    """
    unused = {"aiohttp", "requests", "redis", "email_validator"} - sys.modules.keys()
    for name in unused:
        sys.modules[name] = None  # type: ignore[assignment]  # who imports it hears that it is not there
    _import_fastapi()
    import nicegui  # noqa: F401 - and socketio with it

    for name in unused:
        del sys.modules[name]


def _import_fastapi() -> None:
    """Its thirty models of an API's description are built when a description is first made: 30 ms of a start."""
    BaseModel.model_config["defer_build"] = True
    try:
        import fastapi  # noqa: F401 - its models inherit what stands there now
    finally:
        del BaseModel.model_config["defer_build"]
