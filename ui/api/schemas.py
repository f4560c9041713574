"""Schemas: bodies and answers of the JSON API, as the seed has them. Other fields in a body are ignored."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import BaseModel, Field

from domain.accounts.passwords import LONGEST as LONGEST_PASSWORD
from domain.accounts.sessions import LONGEST_JWT
from domain.characters.fields import BY_NAME, limit_of
from domain.characters.votes import HIGHEST
from domain.email_address import EMAIL_LIMIT
from domain.llm.port import Role
from domain.model.character import LONGEST_REPLY, PORTRAITS, SHORTEST_REPLY, AgeMark, Gender
from domain.model.dialog import CLIENT_ID_LIMIT, MESSAGE_LIMIT, Feedback, State
from domain.model.user import DISPLAY_NAME_LIMIT, USERNAME_LIMIT
from storage.columns import LARGEST_ID

MOST = 100
LONGEST_LINK, LONGEST_PHOTO_URL = 100, 300

Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
ClientId = Annotated[
    str,
    Query(
        max_length=CLIENT_ID_LIMIT,
        description="Your own mark for the import. Sent again within a day with the same one, it is made once: you get "
        "what was made, even if the file is another; what else is told of the file is of the one you sent last.",
    ),
]
Limit = Annotated[int, Query(ge=1, le=MOST, description="How many at once.")]
Cursor = Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="The `X-Next-Cursor` of the page before.")]
Rating = Annotated[
    float | None,
    Field(
        ge=0,
        le=HIGHEST,
        allow_inf_nan=False,
        description="Your own vote, rounded, from 1 to 10; 0 or null is none. Answers have the mean of all votes.",
    ),
]
PhotoUrl = Annotated[
    str | None,
    Field(
        max_length=LONGEST_PHOTO_URL,
        description="What `POST /api/characters/upload/photo` answered. An address of the seed's own folder "
        "(`/static/uploads/…`) is taken and shows no photo; any other is refused.",
    ),
]


def _text(limit: int, **told: Any) -> Any:
    """A text that the domain accepts up to `limit` characters and refuses in words beyond. What is far longer is
    refused here, before anything cleans or counts it.
    """
    return Field(max_length=2 * limit, **told)


def _field(name: str, told: str, **bounds: Any) -> Any:
    """A field of a character, limited as by `_text`; the description of a secret one says who reads it."""
    field = BY_NAME[name]
    if longest := field.most or field.limit:
        bounds["max_length"] = 2 * longest
    if field.is_secret:
        told += ". Answers have null for all but its owner and admins."
    return Field(description=told, **bounds)


Greeting = Annotated[str, _text(limit_of("other_greetings"))]
Example = Annotated[str, _text(limit_of("examples"))]
Interest = Annotated[str, _text(limit_of("interests"))]
Interests = Annotated[list[Interest] | None, Field(max_length=2 * BY_NAME["interests"].most)]
Context = Annotated[
    str | None, Field(description="Who it is, told to the model; null for all but its owner and admins.")
]


class RequestSignup(BaseModel):
    email: Annotated[str, _text(EMAIL_LIMIT, json_schema_extra={"format": "email"})]


class CompleteSignup(BaseModel):
    token: Annotated[str, Field(max_length=LONGEST_LINK)]
    password: Annotated[str, _text(LONGEST_PASSWORD)]
    username: Annotated[str | None, _text(USERNAME_LIMIT)] = None
    display_name: Annotated[str | None, _text(DISPLAY_NAME_LIMIT)] = None


class LoginRequest(BaseModel):
    login: Annotated[str, _text(EMAIL_LIMIT, description="An e-mail address or a username.")]
    password: Annotated[str, _text(LONGEST_PASSWORD)]


class RefreshRequest(BaseModel):
    refresh_token: Annotated[str, Field(max_length=LONGEST_JWT)]


class TokenResponse(BaseModel):
    access_token: str
    token_type: str = "bearer"  # noqa: S105 - the name of a scheme
    refresh_token: Annotated[str, Field(description="Good once, for `POST /api/auth/refresh`.")]
    expires_in: Annotated[int, Field(description="Seconds until the access token ends.")]


class Detail(BaseModel):
    detail: str


class UserPublic(BaseModel):
    id: int
    email: str | None
    username: str | None
    display_name: str | None
    created_at: datetime
    is_admin: bool
    is_blocked: bool


class ShortDialog(BaseModel):
    id: int
    started_at: datetime
    character_name: str


class UserAdminDetail(BaseModel):
    id: int
    email: str | None
    created_at: datetime
    characters: list[str]
    short_dialogs: list[ShortDialog]


class More(BaseModel):
    """Fields that the seed did not have. Left out, a new character is created as if they did not exist."""

    nickname: Annotated[str | None, _field("nickname", "What `{{char}}` is in its texts, if not its name.")] = None
    teaser: Annotated[str | None, _field("teaser", "One line for its card in the gallery.")] = None
    age_mark: Annotated[AgeMark | None, _field("age_mark", "From which age on it is meant for people.")] = None
    greeting: Annotated[str | None, _field("greeting", "What it says first in a new chat; costs no model call.")] = None
    other_greetings: Annotated[
        list[Greeting] | None, _field("other_greetings", "Other first words to choose from.")
    ] = None
    personality: Annotated[str | None, _field("personality", "Its traits in a few words, told to the model")] = None
    scenario: Annotated[str | None, _field("scenario", "Where and how the two meet, told to the model")] = None
    examples: Annotated[
        list[Example] | None,
        _field(
            "examples", "Conversations that show how it speaks, in lines that begin with `{{user}}:` and `{{char}}:`"
        ),
    ] = None
    after_history: Annotated[
        str | None, _field("after_history", "What the model is told last, after the conversation")
    ] = None
    temperature: Annotated[
        float | None,
        _field(
            "temperature", "How freely it answers; null, as the server's settings say", ge=0, le=1, allow_inf_nan=False
        ),
    ] = None
    reply_tokens: Annotated[
        int | None,
        _field(
            "reply_tokens",
            "The longest reply; null, as the server's settings say, which stay above it",
            ge=SHORTEST_REPLY,
            le=LONGEST_REPLY,
        ),
    ] = None
    language: Annotated[
        Literal["", "ru", "en"] | None,
        _field("language", "The language of its card; empty or null, told from its texts."),
    ] = None
    notes: Annotated[str | None, _field("notes", "The author's, to people; the model never reads them.")] = None
    portrait: Annotated[
        int | None, _field("portrait", "Which of the drawn portraits stands for a missing photo.", ge=0, lt=PORTRAITS)
    ] = None


class CharacterCreate(More):
    name: Annotated[str, _text(limit_of("name"))]
    gender: Gender | None = None
    photo_url: PhotoUrl = None
    bio: Annotated[str | None, _text(limit_of("bio"))] = None
    context: Annotated[str, _text(limit_of("context"))]
    interests: Interests = []
    rating: Rating = 0.0
    is_public: bool = True


class CharacterUpdate(More):
    """Fields left out stay unchanged. Null clears a field that may be empty and leaves the rest as it is: name, gender,
    age mark, context, portrait and whether it is public.
    """

    name: Annotated[str | None, _text(limit_of("name"))] = None
    gender: Gender | None = None
    photo_url: PhotoUrl = None
    bio: Annotated[str | None, _text(limit_of("bio"))] = None
    context: Annotated[str | None, _text(limit_of("context"))] = None
    interests: Interests = None
    rating: Rating = None
    is_public: bool | None = None


class CharacterOut(More):
    id: int
    owner_id: int
    name: str
    gender: str | None
    photo_url: str | None
    bio: str | None
    context: Context
    interests: list[str]
    rating: float | None
    is_public: bool
    is_blocked: bool


class Photo(BaseModel):
    photo_url: str


class Block(BaseModel):
    blocked: bool


class BlockState(BaseModel):
    detail: str
    is_blocked: bool


class StartOrContinueChat(BaseModel):
    message: Annotated[str, _text(MESSAGE_LIMIT)]
    dialog_id: Annotated[
        int | None, Field(ge=1, le=LARGEST_ID, description="Left out, the message begins a new dialog.")
    ] = None
    client_msg_id: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=CLIENT_ID_LIMIT,
            description="Your own mark for the message. Sent again with the same one, it is the same message: "
            "you get the same reply.",
        ),
    ] = None


class MessageOut(BaseModel):
    id: int
    role: Role
    content: str
    created_at: datetime
    state: Annotated[State, Field(description="Only replies are ever anything but done.")]
    feedback: Annotated[Feedback | None, Field(description="The thumb that the person gave a reply.")]
    hidden: Annotated[bool, Field(description="Whether the person hid it from the model.")]
    recalled: Annotated[list[int], Field(description="Of a reply: the old messages that its prompt quoted.")]


class DialogOut(BaseModel):
    id: int
    user_id: int
    character_id: int
    started_at: datetime


class FeedbackGiven(BaseModel):
    feedback: Annotated[Feedback | None, Field(description="null takes it back.")]


class Hiding(BaseModel):
    hidden: bool


class DialogCopy(BaseModel):
    message_id: Annotated[int, Field(ge=1, le=LARGEST_ID, description="The last one that the copy has.")]


class ChatResponse(BaseModel):
    dialog_id: int
    assistant_message: MessageOut


class Stats(BaseModel):
    users: int
    characters: int
    dialogs: int
    messages: int


class Mistake(BaseModel):
    loc: list[str | int]
    msg: str
    type: str


class Mistakes(BaseModel):
    """Mistakes in a request, with their places. The values that were sent are not repeated."""

    detail: list[Mistake]
