"""Serializers: characters, messages and people as the API shows them."""

from collections.abc import Iterable

from domain.characters.fields import SECRETS
from domain.characters.votes import mean_of
from domain.model.character import Character
from domain.model.dialog import Message
from domain.model.user import User
from ui.api.photos import photo_url
from ui.api.schemas import CharacterOut, MessageOut, UserPublic


def characters_shown(viewer: User | None, some: Iterable[Character]) -> list[CharacterOut]:
    return [character_shown(each, viewer) for each in some]


def character_shown(character: Character, viewer: User | None) -> CharacterOut:
    may_read = character.may_be_changed_by(viewer)
    secrets = {field: getattr(character, field) if may_read else None for field in SECRETS}
    return CharacterOut(
        id=character.id,
        owner_id=character.owner_id,
        name=character.name,
        nickname=character.nickname,
        gender=character.gender,
        photo_url=photo_url(character.picture_token) if character.picture_token else None,
        teaser=character.teaser,
        age_mark=character.age_mark,
        greeting=character.greeting,
        other_greetings=character.other_greetings,
        bio=character.bio,
        **secrets,
        notes=character.notes,
        portrait=character.portrait,
        language=character.language,
        interests=character.interests,
        rating=mean_of(character),
        is_public=character.is_public,
        is_blocked=character.is_blocked,
    )


def message_shown(message: Message) -> MessageOut:
    return MessageOut(
        id=message.id,
        role=message.role,
        content=message.text,
        created_at=message.created_at,
        state=message.state,
        feedback=message.feedback,
        hidden=message.is_hidden_from_model,
        recalled=message.recalled or [],
    )


def user_shown(user: User) -> UserPublic:
    return UserPublic(
        id=user.id,
        email=user.email,
        username=user.username,
        display_name=user.display_name,
        created_at=user.created_at,
        is_admin=user.is_admin,
        is_blocked=user.is_blocked,
    )
