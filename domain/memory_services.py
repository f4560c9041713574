"""What remembers dialogs, built and plugged together."""

from __future__ import annotations

from dataclasses import dataclass

from domain.chat.prompts.first_verbatim import FirstVerbatim
from domain.chat.replies.reply_writer import ReplyWriter
from domain.llm.port import LanguageModel
from domain.llm.select import timeouts_of
from domain.memory.editing.dialog_memory import DialogMemory
from domain.memory.editing.dialog_overview import MemoryReader
from domain.memory.summaries.keeper import MemoryKeeper
from domain.memory.summaries.summariser import Summariser
from domain.memory.summaries.summary_job import SummaryJobs
from domain.rate_limits import RateLimiter
from domain.settings.settings import Settings
from domain.usage.budget import TokenBudgets
from domain.usage.meter import Meter
from storage.bus import Bus
from storage.database import Database


@dataclass(frozen=True)
class MemoryServices:
    reader: MemoryReader
    memory: DialogMemory
    keeper: MemoryKeeper


def build_memory(
    settings: Settings,
    database: Database,
    bus: Bus,
    limits: RateLimiter,
    reply_writer: ReplyWriter,
    *,
    model: LanguageModel,
    budgets: TokenBudgets,
    meter: Meter | None,
) -> MemoryServices:
    """`reply_writer` has the places at the model, and knows what stands in a prompt."""
    prompts = reply_writer.prompts
    reader = MemoryReader(prompts.paths, FirstVerbatim(prompts), budgets)
    summaries = SummaryJobs(
        database,
        Summariser(model, settings.llm_memory_model, timeouts_of(settings)),
        reply_writer.places.load,
        prices=settings.prices,
        meter=meter,
    )
    keeper = MemoryKeeper(database, bus, reply_writer.places, summaries, budgets=budgets)
    return MemoryServices(reader, DialogMemory(database, bus, limits, reader), keeper)
