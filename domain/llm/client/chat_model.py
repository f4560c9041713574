"""OpenAI-compatible client (adapter): YandexGPT, or any server with the same API, through ChatOpenAI.

The only place that knows langchain. It is imported late because it costs most of a second and 40 MB; `warm` does it
ahead of time, in a thread. Requests are built in request.py, answers are read in answer.py, and refusals are
interpreted in refusals.py. Peculiarities of YandexGPT (November 2026) and how they are handled:
- models are addressed as `gpt://<folder>/<model>`, temperature ranges from 0 to 1, `stop` and `stream_options` are not
  supported;
- the chunk with `content_filter` holds a complete replacement text, not one more piece; some models send the same text
  as an ordinary reply;
- it puts the finish reason on its last text and counts no tokens; other models send both after the text;
- requests are stored by the provider unless a header opts out.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, cast

from domain.llm.client.answer import Answer, Completions
from domain.llm.client.completion import ServerError
from domain.llm.client.connections import build_http_client
from domain.llm.client.errors import connection_fault, foreign_errors, refusal_in
from domain.llm.client.learned import Learned
from domain.llm.client.redaction import redact
from domain.llm.client.refusals import fault_of
from domain.llm.client.reply import Reply, is_refusal
from domain.llm.client.request import headers_for, wanted_parameters
from domain.llm.faults import CutOff, KnownFault, Misconfigured, TooLong
from domain.llm.port import Ending, Outcome, Prompt, PromptMessage, Role, Sign
from domain.llm.token_estimates import known_window, longest_reply, prompt_characters, prompt_length

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk
    from langchain_openai import ChatOpenAI

CONNECT_PATIENCE = 5.0  # seconds
KEYLESS = "none"  # local servers require no key, but the client insists on one
SHORT_REPLY = 16  # tokens
MOST_ADAPTATIONS = 8
"""Maximum times one reply is requested again because the server refuses a part of the request: once per parameter."""


class ChatModel:
    """A model behind an OpenAI-compatible API.

    `model` may omit the folder (`yandexgpt-lite/latest`) or be complete (`gpt://…`, or any name of another server).
    `window` in tokens, 0 if it is not set. `extra_body` and `extra_headers` go into each request as they are.
    `max_retries` counts retries before the first chunk; a reply that has begun is never requested again.
    """

    is_demo = False

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        model: str,
        folder_id: str = "",
        temperature: float = 0.6,
        max_reply_tokens: int = 1000,
        max_retries: int = 2,
        window: int = 0,
        extra_body: Mapping[str, object] | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> None:
        self._base_url = base_url
        self._api_key = api_key
        self._folder_id = folder_id
        self._temperature = temperature
        self._max_reply_tokens = max_reply_tokens
        self._max_retries = max_retries
        self._window = window
        self._extra_body = extra_body or {}
        self._extra_headers = extra_headers or {}
        self._address = self._address_of(model)
        self.name = _without_folder(model)
        self._learned: dict[str, Learned] = {}
        self.first_replies: asyncio.Queue[str] = asyncio.Queue()
        """Models that have just given their first reply; "" is the default one."""
        self._client: ChatOpenAI | None = None
        self._warming = threading.Lock()

    def room(self, model: str = "") -> int:
        """Maximum characters of a prompt for this model ("" is the default one)."""
        learned = self.learned(model)
        window = self.window(model)
        return prompt_characters(window, longest_reply(window, self._max_reply_tokens), learned.characters_a_token)

    def window(self, model: str = "") -> int:
        """Context window in tokens: as set, as its server reported, as known for its name, or a cautious guess."""
        name, learned = _without_folder(model) or self.name, self.learned(model)
        window = self._window or learned.window or known_window(name, at_yandex=bool(self._folder_id))
        return min(window, learned.shared_window or window)

    def learned(self, model: str = "") -> Learned:
        name = _without_folder(model) or self.name
        return self._learned.setdefault(name, Learned(name))

    def _address_of(self, model: str) -> str:
        """The model's name as the provider requires it: YandexGPT's include the folder."""
        return f"gpt://{self._folder_id}/{model}" if self._folder_id and not model.startswith("gpt://") else model

    def short_request(self, question: str) -> dict[str, object]:
        """The body of a request for a few words, as for a reply but not streamed."""
        prompt = Prompt((PromptMessage(Role.USER, question),), longest=SHORT_REPLY)
        messages = [{"role": role, "content": text} for role, text in self.learned().messages(prompt.messages)]
        return {"model": self._address, "messages": messages, **self._parameters(prompt, self.learned())}

    def check_address(self) -> None:
        """Raises `Misconfigured` if the address is not a valid URL."""
        from httpx2 import URL, InvalidURL

        try:
            URL(self._base_url)
        except InvalidURL as error:
            raise Misconfigured from error

    def warm(self) -> None:
        """Import the library and create the client: slow the first time, so not on the event loop's thread.

        Raises `Misconfigured` if the client cannot be created from the settings: because of the address, or of a proxy
        or certificate that the environment names.
        """
        from httpx2 import InvalidURL

        with self._warming:
            if self._client is None:
                try:
                    self._client = self._build_client()
                except (InvalidURL, ValueError, OSError, ImportError) as error:
                    raise Misconfigured from error

    async def reply(self, prompt: Prompt) -> AsyncGenerator[str | Sign | Ending]:
        if self._client is None:
            await asyncio.to_thread(self.warm)
        learned = self.learned(prompt.model)
        for attempts_left in reversed(range(MOST_ADAPTATIONS + 1)):
            reply = Reply(prompt, learned, self.window(prompt.model))
            try:
                async with aclosing(self._pieces(prompt, learned, reply)) as pieces:
                    async for piece in pieces:
                        yield piece
            except foreign_errors() as error:
                if attempts_left and self._adapts_to(error, prompt, learned, reply):
                    continue
                yield await self._ending_despite(error, prompt, learned, reply)
            else:
                yield await self._ending(prompt, learned, reply)
            return

    def _adapts_to(self, error: Exception, prompt: Prompt, learned: Learned, reply: Reply) -> bool:
        """Whether to retry the request, adapted to what the server refused in it."""
        refusal = refusal_in(error)
        return bool(refusal and not reply.has_begun and learned.adapt(refusal, self._sent(prompt)))

    async def _ending_despite(self, error: Exception, prompt: Prompt, learned: Learned, reply: Reply) -> Ending:
        """The ending of a reply whose answer broke off with an error, if the reply was whole by then or refused by a
        filter; otherwise raises the corresponding fault.
        """
        if reply.is_finished:
            return reply.ending()
        refusal = refusal_in(error)
        if refusal and refusal.is_filter and not reply.has_begun:
            return Ending(Outcome.FILTERED)
        raise await self._fault(error, prompt, learned, reply) from error

    async def _ending(self, prompt: Prompt, learned: Learned, reply: Reply) -> Ending:
        """The ending of a reply whose answer was read to its end; raises what the server said in place of a reply."""
        if reply.answer.aside and not reply.has_begun:
            raise await self._fault(ServerError(reply.answer.aside), prompt, learned, reply)
        ending = reply.ending()
        self._learn(prompt, learned, ending)
        return ending

    def _learn(self, prompt: Prompt, learned: Learned, ending: Ending) -> None:
        if not learned.has_replied:
            learned.has_replied = True
            self.first_replies.put_nowait(prompt.model)
        if ending.tokens_in:
            learned.learn_density(prompt_length(prompt), ending.tokens_in)
        if prompt.share < 1 and not self._window and not self._folder_id:  # Yandex's windows are known
            learned.learn_from_shortened(self.window(prompt.model), prompt.share)
        learned.has_overflowed = False

    async def _pieces(self, prompt: Prompt, learned: Learned, reply: Reply) -> AsyncGenerator[str | Sign]:
        """Yields what can be passed on of an answer; ends the answer early if the reply ends before it."""
        answer = Answer(self._is_replacement)
        reply.answer = answer
        chunks = self._ask(prompt, learned, answer)
        try:
            async for chunk in chunks:
                piece = reply.take(str(chunk.text))
                if reply.takes_back:
                    yield Sign.TAKEN_BACK
                yield piece or (Sign.THINKING if reply.is_thinking else Sign.ALIVE)
                if reply.is_over:
                    break
            yield reply.close() or Sign.ALIVE
        except foreign_errors():
            yield reply.close() or Sign.ALIVE
            raise
        finally:
            # Read to its end, or the library's generators inside it would be left to the garbage collector, which may
            # close them in another thread and at the worst moment.
            with suppress(*foreign_errors()):
                await answer.end()
                async for _ in chunks:
                    pass

    def _ask(self, prompt: Prompt, learned: Learned, answer: Answer) -> AsyncGenerator[AIMessageChunk]:
        from langchain_core.messages import ChatMessage

        # In an AIMessage the library would check each single character for being a block of audio.
        messages = [ChatMessage(role=role, content=text) for role, text in learned.messages(prompt.messages)]
        stream = cast("ChatOpenAI", self._client).astream(
            messages,
            model=self._address_of(prompt.model) if prompt.model else self._address,
            extra_body=self._parameters(prompt, learned),
            extra_headers=headers_for(self._folder_id),
            answer=answer,
        )
        return cast("AsyncGenerator[AIMessageChunk]", stream)

    def _parameters(self, prompt: Prompt, learned: Learned) -> dict[str, object]:
        wanted = wanted_parameters(prompt, self._temperature, stops=not self._folder_id)
        window = int(self.window(prompt.model) * prompt.share)
        longest = longest_reply(window, self._max_reply_tokens)
        return learned.parameters({**wanted, **self._extra_body}, min(prompt.longest or longest, longest))

    def _sent(self, prompt: Prompt) -> list[str]:
        return [*self._parameters(prompt, self.learned(prompt.model)), "stream"]

    def _is_replacement(self, text: str) -> bool:
        return bool(text) and (bool(self._folder_id) or is_refusal(text))

    async def _fault(self, error: Exception, prompt: Prompt, learned: Learned, reply: Reply) -> KnownFault:
        """The fault that corresponds to an exception of the library, with the provider's own words for the log."""
        refusal = refusal_in(error)
        fault = fault_of(refusal) if refusal else connection_fault(error)
        if isinstance(fault, TooLong) and reply.has_begun:
            learned.share_window(reply.window)
        elif isinstance(fault, TooLong):
            learned.learn_overflow(fault, prompt_length(prompt))
        if reply.has_begun:
            fault = CutOff()
        words = refusal.words if refusal else f"{type(error.__cause__ or error).__name__}: {error.__cause__ or error}"
        secrets = (self._api_key, self._folder_id, *self._extra_headers.values())
        said = [reply.said, *(message.text for message in prompt.messages)]
        fault.detail = await asyncio.to_thread(redact, words, secrets, said)
        return fault

    def _build_client(self) -> ChatOpenAI:
        from httpx2 import Timeout
        from langchain_openai import ChatOpenAI
        from pydantic import SecretStr

        # Timeouts for answers are set in domain/llm/deadlines.py.
        timeout = Timeout(None, connect=CONNECT_PATIENCE)
        headers = {"x-data-logging-enabled": "false", **self._extra_headers}
        if self._folder_id:
            headers["OpenAI-Project"] = self._folder_id
        client = ChatOpenAI(
            base_url=self._base_url,
            api_key=SecretStr(self._api_key or KEYLESS),
            model=self._address,
            default_headers=headers,
            max_retries=self._max_retries,
            timeout=timeout,
            http_async_client=build_http_client(timeout),
            http_socket_options=(),  # for the library's synchronous client, which is unused
            stream_chunk_timeout=None,
            stream_usage=False,
            use_responses_api=False,
            output_version="v0",
            openai_proxy=None,
        )
        client.async_client = Completions(client.root_async_client)
        return client


def _without_folder(model: str) -> str:
    return model.removeprefix("gpt://").partition("/")[2] if model.startswith("gpt://") else model
