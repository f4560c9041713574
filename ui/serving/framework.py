"""The framework, imported without what nobody here uses of it, before anything else imports it."""

from __future__ import annotations

import sys
from types import ModuleType

from pydantic import BaseModel

STAND_INS = {"ifaddr", "nicegui.native.window_icon"}
"""Modules that NiceGUI imports only to print its own greeting and to open windows. They would load ctypes, and run a
process that lists the machine's libraries.
"""


def import_framework() -> None:
    """Import it without optional libraries. Socketio can be a client, too, for which it loads two HTTP libraries if
    they are installed, and could keep its state in Redis, as NiceGUI could; FastAPI would validate e-mail addresses in
    API descriptions, where ours has none: over 13 MB and a tenth of a second for what nobody uses.
    """
    unused = {"aiohttp", "requests", "redis", "email_validator"} - sys.modules.keys()
    for name in unused:
        sys.modules[name] = None  # type: ignore[assignment]  # who imports it hears that it is not there
    stand_ins = STAND_INS - sys.modules.keys()
    sys.modules |= {name: ModuleType(name) for name in stand_ins}
    _import_fastapi()
    _have_nothing_of_pydantic_1()
    import nicegui  # noqa: F401 - and socketio with it

    for name in unused | stand_ins:
        del sys.modules[name]


def _import_fastapi() -> None:
    """Import FastAPI. Its thirty models of an API description are built when one is first made: 30 ms of a start."""
    BaseModel.model_config["defer_build"] = True
    try:
        import fastapi  # noqa: F401 - its models inherit what stands there now
    finally:
        del BaseModel.model_config["defer_build"]


def _have_nothing_of_pydantic_1() -> None:
    """FastAPI checks whether each parameter and answer is a model of pydantic 1, and loads all of that library to find
    that none is. There is no setting for it, so the functions that check are replaced by ours.
    """
    from fastapi import encoders, utils

    utils.annotation_is_pydantic_v1 = _no  # type: ignore[assignment,attr-defined]  # imported there, for its own use
    encoders.is_pydantic_v1_model_instance = _no  # type: ignore[assignment,attr-defined]  # as above


def _no(_asked: object) -> bool:
    return False
