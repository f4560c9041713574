"""Characters, messages and people as the API tells of them."""

from collections.abc import Iterable

from domain.accounts.user import User
from domain.characters.character import Character
from domain.chat.dialog import Message
from ui.api.json.photos import photo_url
from ui.api.json.shapes import CharacterOut, MessageOut, UserPublic
from ui.app import App


async def characters_shown(app: App, viewer: User | None, some: Iterable[Character]) -> list[CharacterOut]:
    shown = list(some)
    ratings = await app.votes.ratings(each.id for each in shown)
    return [_character_shown(each, viewer, ratings[each.id].mean if each.id in ratings else 0.0) for each in shown]


def _character_shown(character: Character, viewer: User | None, rating: float) -> CharacterOut:
    return CharacterOut(
        id=character.id,
        owner_id=character.owner_id,
        name=character.name,
        gender=character.gender,
        photo_url=photo_url(character.picture_token) if character.picture_token else None,
        bio=character.bio,
        context=character.context if character.may_be_changed_by(viewer) else None,
        interests=character.interests,
        rating=rating,
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
