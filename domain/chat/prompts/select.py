"""The keeper of memory and what reads it for people, as the settings want it: what stays verbatim in a dialog's prompt
decides what is summed up.
"""

from __future__ import annotations

from domain.chat.prompts.first_verbatim import FirstVerbatim
from domain.chat.prompts.prompt_reader import PromptReader
from domain.llm.concurrency import ModelPlaces
from domain.llm.port import LanguageModel
from domain.llm.select import timeouts_of
from domain.memory.editing.dialog_overview import MemoryReader
from domain.memory.summaries.keeper import MemoryKeeper
from domain.memory.summaries.summariser import Summariser
from domain.memory.summaries.summary_job import SummaryJobs
from domain.settings.settings import Settings
from domain.usage.budget import TokenBudgets
from domain.usage.meter import Meter
from storage.bus import Bus
from storage.database import Database


def memory_keeper(
    settings: Settings,
    database: Database,
    bus: Bus,
    model: LanguageModel,
    *,
    places: ModelPlaces,
    prompts: PromptReader,
    budgets: TokenBudgets,
    meter: Meter | None,
) -> MemoryKeeper:
    summariser = Summariser(model, settings.llm_memory_model, timeouts_of(settings))
    jobs = SummaryJobs(database, summariser, places.load, paths=prompts.paths, prices=settings.prices, meter=meter)
    return MemoryKeeper(database, bus, places, jobs, budgets=budgets, shares_of=prompts.shares)


def memory_reader(
    settings: Settings, model: LanguageModel, *, prompts: PromptReader, budgets: TokenBudgets
) -> MemoryReader:
    summariser = Summariser(model, settings.llm_memory_model)
    return MemoryReader(prompts.paths, FirstVerbatim(prompts), budgets, summariser, settings.prices)
