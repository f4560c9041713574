"""The services that write replies and remember dialogs, built and wired together."""

from __future__ import annotations

from dataclasses import dataclass

from domain.background.job import BackgroundJob
from domain.books.books_ahead import BooksAhead
from domain.chat.prompts.first_verbatim import FirstVerbatim
from domain.chat.prompts.next_memory import NextMemory
from domain.chat.prompts.prompt_reader import PromptReader
from domain.chat.replies.reply_writer import ReplyWriter
from domain.llm.concurrency import ModelPlaces
from domain.llm.port import LanguageModel
from domain.llm.select import embeddings_of, timeouts_of
from domain.llm.shared_concurrency import SharedModelConcurrency
from domain.memory.editing.dialog_overview import MemoryReader
from domain.memory.meaning.meaning_index import MeaningIndex
from domain.memory.meaning.near import Meaning
from domain.memory.recall.words import WordIndex
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
class ReplyServices:
    writer: ReplyWriter
    memory_keeper: MemoryKeeper
    memory_reader: MemoryReader
    in_background: list[BackgroundJob]


def build_reply_services(
    settings: Settings,
    database: Database,
    bus: Bus,
    *,
    model: LanguageModel,
    limits: RateLimiter,
    budgets: TokenBudgets,
    meter: Meter | None,
) -> ReplyServices:
    shared_places = None
    if database.dialect != "sqlite":  # a SQLite file has one instance, which counts in its own process
        shared_places = SharedModelConcurrency(database, bus, settings.llm_concurrency, settings.replies_at_once)
    embeddings = embeddings_of(settings)
    meaning = Meaning(database, embeddings) if embeddings else None
    prompts = PromptReader(model.room, settings.llm_prompt, meaning=meaning)
    reply_writer = ReplyWriter(
        database,
        bus,
        model,
        limits,
        places=shared_places or settings.llm_concurrency,
        at_once=settings.replies_at_once,
        deadlines=timeouts_of(settings),
        prices=settings.prices,
        budgets=budgets,
        trial_messages=settings.trial_messages,
        keeps_thoughts=settings.keep_thoughts,
        meter=meter,
        prompts=prompts,
    )
    keeper = memory_keeper(
        settings, database, bus, model, places=reply_writer.places, prompts=prompts, budgets=budgets, meter=meter
    )
    reader = memory_reader(settings, model, prompts=prompts, budgets=budgets)
    in_background: list[BackgroundJob] = [
        *([shared_places] if shared_places else []),
        keeper,
        WordIndex(database, bus),
        BooksAhead(database, prompts.lore.compiled),
        NextMemory(database, bus, prompts),
    ]
    if embeddings and meaning:
        prices = settings.prices
        index = MeaningIndex(database, bus, embeddings, meaning, budgets=budgets, prices=prices, meter=meter)
        in_background.append(index)
    return ReplyServices(reply_writer, keeper, reader, in_background)


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
