"""A client that leaves in the middle of its upload is no fault of ours: nothing of it is in the log."""

from __future__ import annotations

import logging

import pytest
from fastapi import FastAPI, Request
from starlette.types import Message

from ui.api.errors import install_error_handlers


async def test_an_upload_that_is_cut_off_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    api = FastAPI()
    install_error_handlers(api)

    @api.post("/import")
    async def take(request: Request) -> int:
        return len(await request.body())

    arrives: list[Message] = [{"type": "http.disconnect"}, {"type": "http.request", "body": b"half", "more_body": True}]

    async def receive() -> Message:
        return arrives.pop()

    async def send(_message: Message) -> None:
        """Nobody is there."""

    scope = {"type": "http", "method": "POST", "path": "/import", "headers": [], "query_string": b""}
    with caplog.at_level(logging.ERROR):
        await api(scope, receive, send)
    assert not caplog.records
