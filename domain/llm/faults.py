"""Model errors: what can go wrong with a reply.

The sentences are all that a user ever reads, and say whether waiting helps; admins are told which setting is wrong.
What the provider said is in `detail`, for the log.
"""

from __future__ import annotations

from typing import ClassVar

from domain.errors import ModelFault
from domain.language import N_

AWAY = N_(
    "The service that writes the replies is temporarily unavailable. Your message is saved: try again in a few minutes."
)

WRONGLY_SET = N_(
    "The service that writes the replies is set up wrongly, and waiting won't help. Your message is saved: let those "
    "who run this site know."
)


class KnownFault(ModelFault):
    """A fault with a fixed sentence; `code` is what the database stores."""

    code: ClassVar[str]
    sentence: ClassVar[str]
    for_admins: ClassVar[str]

    def __init__(self, *, may_be_too_long: bool = False) -> None:
        super().__init__(self.sentence)
        self.may_be_too_long = may_be_too_long
        """Whether the prompt may have been too long, since the server gave no reason that we know: half of a long
        prompt may be accepted.
        """
        self.detail = ""
        """The provider's message, for the log: without keys, folders and the conversation."""


class Unavailable(KnownFault):
    """A broken connection, a server error, or an invalid response."""

    code = "unavailable"
    sentence = AWAY
    for_admins = N_(
        "The model's server failed or broke off the connection. If this keeps happening, check the server itself."
    )


class Loading(Unavailable):
    """The server is still loading the model: it will answer, in seconds or minutes."""

    code = "loading"
    sentence = N_("The model is still being loaded, which can take minutes. Your message is saved: try again soon.")
    for_admins = N_("The model's server is still loading the model. LLM_FIRST_TIMEOUT says how long to wait for it.")


class Unreachable(Unavailable):
    """Nobody answers at the address: it may be wrong, or the server is only being restarted."""

    code = "unreachable"
    for_admins = N_(
        "The model's server cannot be reached: its name is unknown or the connection is refused. Check BASE_URL, and "
        "whether the server is running."
    )


class WrongAddress(Unavailable):
    """The server at the address is not a model's, or an intermediary answers in its place."""

    code = "wrong_address"
    sentence = WRONGLY_SET
    for_admins = N_("What answers at BASE_URL is not a model's server. Check the address: it usually ends in /v1.")


class CertificateRefused(Unavailable):
    """The server's certificate is not one that this machine trusts."""

    code = "certificate"
    sentence = WRONGLY_SET
    for_admins = N_(
        "The certificate of the model's server is not trusted here. Check BASE_URL, or let SSL_CERT_FILE name the "
        "certificates to trust."
    )


class Misconfigured(KnownFault):
    """The settings of the model are wrong: a retry will not help, the administrator must look."""

    code = "misconfigured"
    sentence = WRONGLY_SET
    for_admins = N_("The model's server finds the request wrong. Check BASE_URL, LLM_MODEL, FOLDER_ID and LLM_EXTRA.")


class KeyRejected(Misconfigured):
    """The key is wrong, or has no right to this folder or model (401, 403)."""

    code = "key_rejected"
    for_admins = N_("The model's server rejects the key (401 or 403). Check API_KEY, its rights, and FOLDER_ID.")


class CountryRefused(Misconfigured):
    """The provider serves nobody in the country of this server's address."""

    code = "country_refused"
    for_admins = N_(
        "The model's provider does not serve the country of this server's address. Choose another provider, or run a "
        "model yourself."
    )


class UnknownModel(Misconfigured):
    """The server has no model of this name (404)."""

    code = "unknown_model"
    for_admins = N_("The model's server has no model of this name (404). Check LLM_MODEL.")


class NoMoney(Misconfigured):
    """The provider is not paid: the balance, the credits or the billing account (402)."""

    code = "no_money"
    for_admins = N_(
        "The model's provider asks for payment: the balance or the credits are used up (402). Top up the account."
    )


class Overloaded(KnownFault):
    """The provider refuses requests for now (rate limit); it may have said for how many seconds."""

    retry_after: float | None = None

    code = "overloaded"
    sentence = N_("So many people are talking at once that your turn has not come. Wait a minute and ask again.")
    for_admins = N_("The model's provider refuses for now: too many requests at once (429) or the quota is used up.")


class ModelTimeout(KnownFault):
    """Timeout before the first chunk."""

    code = "too_slow"
    sentence = N_("The reply didn't start in time. Try again: it's usually faster the second time.")
    for_admins = N_("The model did not begin its reply in time. Is its server overloaded, or the model still loading?")


class CutOff(KnownFault):
    """The stream ended before the text was complete."""

    code = "cut_off"
    sentence = N_("The reply broke off halfway. What arrived is saved and can be continued.")
    for_admins = N_("The model's server broke off in the middle of the reply.")


class PlaceLost(KnownFault):
    """The lease of the place at the model ended: the database was away, or this instance frozen, for too long."""

    code = "place_lost"
    sentence = CutOff.sentence
    for_admins = N_(
        "This server could not reach the database for so long, or stood still for so long, that its place at the model "
        "was given to others."
    )


class EmptyReply(KnownFault):
    """The stream ended normally without any text."""

    code = "empty"
    sentence = N_("The reply came back empty. Try again, or put it a little differently.")
    for_admins = N_("The model's server ended the reply without a word.")


class ThoughtOnly(KnownFault):
    """The model thought and did not come to a reply, or its server sent the reply as thoughts."""

    code = "thought_only"
    sentence = N_("The character was lost in thought and said nothing. Try again, or ask for something simpler.")
    for_admins = N_(
        "Only the model's thoughts arrived. If they used up its limit, raise LLM_MAX_REPLY_TOKENS, or make it think "
        "less with LLM_EXTRA; if the reply itself is among them, its server takes it for thoughts: check that server's "
        "reasoning parser."
    )


class ToolWanted(KnownFault):
    """The model asked for a tool instead of replying."""

    code = "tool_wanted"
    sentence = N_("The model wanted to use a tool instead of replying. Putting it differently won't help; try again.")
    for_admins = N_("The model asked for a tool, and none was offered. Choose a model that is made for conversation.")


class TooLong(KnownFault):
    """The prompt exceeds the model's context window: of `window` tokens, with `prompt` tokens, where known."""

    def __init__(self, window: int | None = None, prompt: int | None = None) -> None:
        super().__init__()
        self.window = window
        self.prompt = prompt
        self.is_measured = False
        """Whether the server's numbers have shown that our texts have more tokens than we counted; the new ratio
        applies already.
        """

    code = "too_long"
    sentence = N_("This is more than the model can read at once. Shorten your message or start a new chat.")
    for_admins = N_(
        "The prompt is longer than the model's window. Set LLM_WINDOW to what the model really reads at once."
    )


FAULTS: tuple[type[KnownFault], ...] = (
    Unavailable,
    Loading,
    Unreachable,
    WrongAddress,
    CertificateRefused,
    Misconfigured,
    NoMoney,
    KeyRejected,
    CountryRefused,
    UnknownModel,
    Overloaded,
    ModelTimeout,
    CutOff,
    PlaceLost,
    EmptyReply,
    ThoughtOnly,
    ToolWanted,
    TooLong,
)
BY_CODE = {fault.code: fault for fault in FAULTS}


def sentence_for(code: str) -> str:
    """The catalogue key for a stored code; a code of another version reads as `unavailable`."""
    return BY_CODE.get(code, Unavailable).sentence


def sentence_for_admins(code: str) -> str:
    """The same for those who can fix it: which setting or server to look at."""
    return BY_CODE.get(code, Unavailable).for_admins
