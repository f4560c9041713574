"""Lifespan: what starts with the server and closes with it, in which order."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from fastapi import FastAPI

from domain.background.job import BackgroundJob
from domain.characters.search_index import index_missing
from domain.characters.starter_characters import add_starter_characters
from domain.chat.replies.reply_writer import ReplyWriter
from domain.errors import ModelFault
from domain.llm.client.chat_model import ChatModel
from domain.llm.client.first_question import ask_at_start, learn_windows
from domain.llm.local_servers import lines_at_start
from domain.llm.port import LanguageModel
from domain.log_format import announce
from ui.app import App
from ui.loading import loading_for_good
from ui.web import Lifespan

log = logging.getLogger(__name__)

COLLECTED_AFTER = (5_000, 5, 10)
"""Thresholds of the garbage collector: new objects before a collection of the youngest generation, and collections of
each generation before one of the next. With Python's default of 700 new objects, twenty replies a second caused forty
collections, a twenty-fifth of their CPU, for garbage that takes a megabyte. Now there is one a second, of some
milliseconds, and in the next generation one of ten milliseconds: nobody notices when the event loop stands still for
less than 20.
"""


def life(app: App, reply_writer: ReplyWriter, model: LanguageModel, in_background: Sequence[BackgroundJob]) -> Lifespan:
    """Start-up and shutdown (lifespan): replies end before the services they need are closed."""

    @asynccontextmanager
    async def lifespan(_web: FastAPI) -> AsyncGenerator[None]:
        async with AsyncExitStack() as running:  # closes the last first, each even if another fails
            running.push_async_callback(app.database.close)
            running.push_async_callback(app.readiness.close)
            for each in in_background:
                running.push_async_callback(each.close)
                await each.start()
            running.push_async_callback(reply_writer.close, app.settings.shutdown_grace)
            await app.accounts.accounts.grant_admins(app.settings.admin_addresses)
            await add_starter_characters(app.database, app.pictures.photos)
            await index_missing(app.database)
            await app.admin.announcements.now("ru")  # so that the first page shows them at once
            gc.freeze()  # what is loaded by now stays alive: no collection need scan it while people wait
            gc.set_threshold(*COLLECTED_AFTER)
            gc.enable()
            running.push_async_callback(_cancel, asyncio.create_task(warm(model, app.chat.chat.is_needed)))
            await _say_where_it_is(app)
            if isinstance(model, ChatModel) and app.settings.llm_check_at_start:
                asking = ask_at_start(model, app.settings)
                running.push_async_callback(_cancel, asyncio.create_task(asking, name="first question to the model"))
            if isinstance(model, ChatModel):
                learning = learn_windows(model, app.settings)
                running.push_async_callback(_cancel, asyncio.create_task(learning, name="windows of models"))
            if app.settings.is_demo:
                running.push_async_callback(_cancel, asyncio.create_task(_tell_local_servers(app.settings.port)))
            yield

    return lifespan


async def warm(model: LanguageModel, is_needed: asyncio.Event) -> None:
    """Load the slow library when the first dialog is opened: sooner it would only take memory, and within somebody's
    first reply it would make them wait.
    """
    if not isinstance(model, ChatModel):
        return
    try:
        model.check_address()
    except ModelFault:
        log.warning("BASE_URL cannot be the address of a model: everything works but the replies.")
        return
    await is_needed.wait()
    try:
        with loading_for_good():
            await asyncio.to_thread(model.warm)
    except (ModelFault, ImportError, OSError, ValueError):
        log.exception("The model's client cannot be built from the settings and the environment")


async def _say_where_it_is(app: App) -> None:
    """Print the address and, while there is no admin, how to become one: whoever reads this runs the server."""
    address = app.settings.address
    announce(f"\n  Беседа: {address}\n")
    if token := await app.accounts.first_admin.new_token(app.settings.instance_name):
        announce(f"  Nobody is an admin yet. To be one, open (good once):\n  {address}/first-admin/{token}\n")


async def _tell_local_servers(own_port: int) -> None:
    """Whoever starts without a model may have one running on this machine: say so, and how to use it."""
    announce(await lines_at_start(own_port, os.environ))


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
