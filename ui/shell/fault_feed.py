"""Fault feed: what failed in somebody's browser, for the log, beside the reference that the person was shown."""

from __future__ import annotations

import logging

from fastapi import APIRouter
from pydantic import BaseModel, Field

from domain.token_buckets import LINES_ABOUT_PAGES, TokenBuckets

FEED = "/feed/faults"

log = logging.getLogger(__name__)


class Fault(BaseModel):
    reference: str = Field(pattern=r"^[0-9a-f]{8}$", max_length=8)
    what: str = Field(max_length=2000)
    page: str = Field(max_length=300)


def fault_feed() -> APIRouter:
    router = APIRouter(include_in_schema=False)
    rates = TokenBuckets()

    @router.post(FEED, status_code=204)
    async def report(fault: Fault) -> None:
        """Anybody may send it, so it is logged as one line that cannot begin another, and rate-limited."""
        if rates.take(LINES_ABOUT_PAGES):
            words = (fault.reference, fault.what, fault.page)
            log.error("A page failed in the browser [%s]: %r at %r", *words, extra={"reference": fault.reference})

    return router
