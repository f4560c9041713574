"""Characters API: the gallery, one's own characters, their photos, and blocking by admins."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from domain.accounts.sessions import Caller
from domain.accounts.sessions_list import Visitor
from domain.characters.fields import FIELDS, Kind
from domain.characters.visibility import Private
from domain.characters.votes import LOWEST
from domain.errors import NotFound
from domain.model.character import Character, Gender
from ui.api.bearer import TOKEN_IS_OPTIONAL, BearerAuth
from ui.api.errors import documented, seed_errors
from ui.api.paging import PAGED, set_next_cursor
from ui.api.photos import picture_token
from ui.api.schemas import MOST, Block, BlockState, CharacterCreate, CharacterOut, CharacterUpdate, Cursor, Id, Limit
from ui.api.serializers import character_shown, characters_shown
from ui.app import App
from ui.request.authenticate_first import authenticate_first
from ui.request.http import SomeId

NAMED_ALIKE = {field.name: field for field in FIELDS if field.kind is not Kind.PICTURE}
"""Fields that request bodies name as their columns are named: all but the photo, which they give by its address."""


def gallery(app: App) -> APIRouter:
    router = APIRouter(prefix="/characters", tags=["characters"])
    auth = BearerAuth(app)

    @router.get("", responses=PAGED | documented(401, 403), openapi_extra=TOKEN_IS_OPTIONAL)
    async def list_characters(
        response: Response,
        visitor: Annotated[Visitor | None, Depends(auth.visitor_if_any)],
        *,
        mine: bool = False,
        owner_id: SomeId = None,
        language: Annotated[Literal["", "ru", "en"], Query(description="Only cards in this language.")] = "",
        q: Annotated[str, Query(max_length=100, description="Words that its card holds, all of them.")] = "",
        limit: Limit = MOST,
        cursor: Cursor = None,
    ) -> list[CharacterOut]:
        """Public characters, newest first; of one owner, or with `mine` your own, private ones included.

        Changed on purpose: public ones need no token, and somebody else's private ones are never listed.
        """
        caller = visitor.caller if visitor else None
        found = await app.characters.characters.page(
            caller, limit, mine=mine, owner_id=owner_id, language=language, search=q, before=cursor
        )
        set_next_cursor(response, [each.id for each in found], limit)
        return characters_shown(visitor.user if visitor else None, found)

    @router.get("/{character_id}", responses=documented(401, 403, 404), openapi_extra=TOKEN_IS_OPTIONAL)
    async def get_character(
        character_id: Id, visitor: Annotated[Visitor | None, Depends(auth.visitor_if_any)]
    ) -> CharacterOut:
        """Changed on purpose: public ones need no token, and only the owner and admins read `context`."""
        with seed_errors({Private: (403, "Private character")}):
            character, _ = await app.characters.characters.get(visitor.caller if visitor else None, character_id)
        return character_shown(character, visitor.user if visitor else None)

    return router


def editing(app: App) -> APIRouter:
    """Routes that create, change and block characters."""
    auth = BearerAuth(app)
    router = APIRouter(prefix="/characters", tags=["characters"], route_class=authenticate_first(auth.ask))

    @router.post("", responses=documented(401, 403))
    async def create_character(
        body: CharacterCreate, visitor: Annotated[Visitor, Depends(auth.visitor)]
    ) -> CharacterOut:
        filled = Character(owner_id=visitor.user.id, name="", gender=Gender.OTHER)
        fill(filled, body)
        character = await app.characters.characters.save(visitor.caller, filled, keeps_draft=True)
        return character_shown(character, visitor.user)

    @router.patch("/{character_id}", responses=documented(401, 403, 404))
    async def update_character(
        character_id: Id, body: CharacterUpdate, visitor: Annotated[Visitor, Depends(auth.visitor)]
    ) -> CharacterOut:
        with seed_errors({Private: (403, "Forbidden"), NotFound: (404, "Not found")}):
            if body.model_fields_set == {"rating"}:  # the only field that readers of a character may set
                await _vote(app, visitor.caller, character_id, body.rating)
                character, _ = await app.characters.characters.get(visitor.caller, character_id)
                return character_shown(character, visitor.user)
            character = await app.characters.characters.get_own(visitor.caller, character_id)
            if "rating" in body.model_fields_set:
                await _vote(app, visitor.caller, character_id, body.rating)
            fields = fill(character, body)
            character = await app.characters.characters.save(visitor.caller, character, fields, keeps_draft=True)
        return character_shown(character, visitor.user)

    @router.delete("/{character_id}", status_code=204, responses=documented(401, 403, 404))
    async def delete_character(character_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> None:
        """Removes it from the gallery for good; others can still read their dialogs with it."""
        with seed_errors({Private: (403, "Forbidden"), NotFound: (404, "Not found")}):
            await app.characters.characters.delete(caller, character_id)

    @router.post("/{character_id}/block", responses=documented(401, 403, 404))
    async def block_character(
        character_id: Id, caller: Annotated[Caller, Depends(auth.caller)], body: Block | None = None
    ) -> BlockState:
        """For admins. Without a body it toggles the block; `{"blocked": true}` and `false` set it."""
        with seed_errors({NotFound: (404, "Not found")}):
            is_blocked = await app.moderation.measures.block_character(
                caller, character_id, blocked=body.blocked if body else None
            )
        return BlockState(detail="set" if body else "toggled", is_blocked=is_blocked)

    return router


async def _vote(app: App, caller: Caller, character_id: int, rating: float | None) -> None:
    """The caller's own vote: the seed let an owner set the value that others read as the opinion of many."""
    await app.characters.votes.rate(caller, character_id, max(LOWEST, round(rating)) if rating else None)


def fill(character: Character, body: CharacterCreate | CharacterUpdate) -> set[str]:
    """Copy the fields of the body into the character; returns which those were."""
    given = body.model_dump(exclude_unset=True)
    fields = given.keys() & NAMED_ALIKE.keys()
    for field in fields:
        if given[field] is not None:
            setattr(character, field, given[field])
        elif not NAMED_ALIKE[field].is_required:
            setattr(character, field, NAMED_ALIKE[field].empty)
    if "photo_url" in given:
        character.picture_token = picture_token(body.photo_url)
        fields.add("picture_token")
    return fields
