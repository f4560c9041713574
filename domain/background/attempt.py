"""Attempts: background work whose failure is logged and does not end the task that will try it again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable

from sqlalchemy.exc import SQLAlchemyError

from storage.database import DatabaseUnavailable

log = logging.getLogger(__name__)


async def attempt(work: Awaitable[None], fault: str) -> bool:
    """Do the work; returns whether it was completed.

    An exception is logged as `fault`, with its traceback unless it comes from the database or the disk. If the caller
    is cancelled, so is the work, and the caller ends once the work has cleaned up.
    """
    [error] = await asyncio.gather(work, return_exceptions=True)
    if isinstance(error, DatabaseUnavailable | SQLAlchemyError | OSError):
        log.warning("%s: %s", fault, error)
    elif error is not None:
        log.error("%s: unexpected error", fault, exc_info=error)
    return error is None
