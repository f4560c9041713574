"""Model factory: creates the language model that the settings configure. Each is imported only when chosen, since
loading takes time.
"""

from __future__ import annotations

import logging
import os

from domain.llm.deadlines import Timeouts, timeouts_for
from domain.llm.embeddings import Embeddings
from domain.llm.port import LanguageModel
from domain.settings.settings import Settings

log = logging.getLogger(__name__)


def language_model(settings: Settings) -> LanguageModel:
    """The configured model: the provider's, or the built-in one if none is configured."""
    if settings.is_demo:
        from domain.llm.demo.model import DemoModel

        return DemoModel(pause=settings.demo_pause)
    from domain.llm.client.chat_model import ChatModel

    return ChatModel(
        base_url=settings.model_address,
        api_key=settings.api_key.get_secret_value(),
        folder_id=settings.folder_id,
        model=settings.model,
        temperature=settings.temperature,
        max_reply_tokens=settings.llm_max_reply_tokens,
        max_retries=0,  # retries are in domain/chat/replies/retries.py, within its queue
        window=settings.llm_window,
        extra_body=settings.extras.body,
        extra_headers=settings.extras.headers,
    )


def embeddings_of(settings: Settings) -> Embeddings | None:
    """The configured embeddings of the same server; None if there are to be none."""
    if settings.embedding_models is None:
        return None
    from domain.llm.client.embeddings_client import EmbeddingsClient

    texts, questions = settings.embedding_models
    return EmbeddingsClient(
        base_url=settings.model_address,
        api_key=settings.api_key.get_secret_value(),
        texts=texts,
        questions=questions,
        folder_id=settings.folder_id,
        extra_headers=settings.extras.headers,
    )


def timeouts_of(settings: Settings) -> Timeouts:
    return timeouts_for(
        settings.model_address,
        settings.llm_max_reply_tokens,
        first=settings.llm_first_timeout,
        silence=settings.llm_silence_timeout,
        whole=settings.llm_reply_timeout,
    )


def trace_only_if_asked(settings: Settings) -> None:
    """Enable tracing only by our setting: LangSmith also reads environment variables of its own."""
    key = settings.langsmith_api.get_secret_value()
    for name in ("LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING", "LANGCHAIN_TRACING"):
        os.environ[name] = "true" if key else "false"
    if key:
        os.environ["LANGSMITH_API_KEY"] = key
        os.environ["LANGSMITH_PROJECT"] = settings.langsmith_project or "beseda"
        log.warning("LANGSMITH_API is set: every conversation is sent to LangSmith, abroad.")
