"""Versions API: states of a published character before each change, and going back to one."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from domain.accounts.sessions import Caller
from domain.accounts.sessions_list import Visitor
from domain.characters.versions import VersionLine
from domain.characters.visibility import Private
from domain.errors import NotFound
from domain.model.character import Gender
from ui.api.bearer import BearerAuth
from ui.api.errors import documented, seed_errors
from ui.api.schemas import CharacterOut, Context, Id, More
from ui.api.serializers import character_shown
from ui.app import App
from ui.request.authenticate_first import authenticate_first

CHANGED = documented(401, 403, 404)


class VersionOut(BaseModel):
    id: int
    replaced_at: Annotated[datetime, Field(description="Until when the character was like this.")]
    by_author: Annotated[bool, Field(description="Whether its author made the change after it; else an admin did.")]
    changed: Annotated[list[str], Field(description="The fields that this change was about.")]


class VersionFields(More):
    """Fields that the character did not have yet are null. Versions hold no photo, and no lorebook."""

    name: str | None = None
    gender: Gender | None = None
    bio: str | None = None
    context: Context = None
    interests: list[str] | None = None
    is_public: bool | None = None


class VersionDetail(VersionOut):
    character: VersionFields
    differs: Annotated[list[str], Field(description="The fields that are different now.")]


class RestoredOut(BaseModel):
    character: CharacterOut
    undo: Annotated[
        int | None, Field(description="The version of what it was until now; null: nothing had to be changed.")
    ]


def versions(app: App) -> APIRouter:
    auth = BearerAuth(app)
    router = APIRouter(
        prefix="/characters/{character_id}/versions", tags=["characters"], route_class=authenticate_first(auth.ask)
    )
    kept = app.characters.versions

    @router.get("", responses=CHANGED)
    async def list_versions(character_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> list[VersionOut]:
        """Versions of a published character of yours, one from before each change, newest first. At most fifty are
        kept; of a character that was never public, none.
        """
        with seed_errors({Private: (403, "Forbidden"), NotFound: (404, "Not found")}):
            return [VersionOut(**_line(each)) for each in (await kept.of(caller, character_id)).lines]

    @router.get("/{version_id}", responses=CHANGED)
    async def get_version(
        character_id: Id, version_id: Id, caller: Annotated[Caller, Depends(auth.caller)]
    ) -> VersionDetail:
        """One version with all its fields."""
        with seed_errors({Private: (403, "Forbidden"), NotFound: (404, "Not found")}):
            found = await kept.get(caller, character_id, version_id)
        return VersionDetail(
            **_line(found.line), character=VersionFields.model_validate(found.fields), differs=found.differs
        )

    @router.post("/{version_id}/restore", responses=CHANGED)
    async def restore_version(
        character_id: Id, version_id: Id, visitor: Annotated[Visitor, Depends(auth.visitor)]
    ) -> RestoredOut:
        """Go back to a version. What the character is now is kept as a version; its photo, its lorebook and who can see
        it stay as they are.
        """
        with seed_errors({Private: (403, "Forbidden"), NotFound: (404, "Not found")}):
            restored = await kept.restore(visitor.caller, character_id, version_id, keeps_draft=True)
        return RestoredOut(character=character_shown(restored.character, visitor.user), undo=restored.before_id)

    return router


def _line(line: VersionLine) -> dict[str, object]:
    return {"id": line.id, "replaced_at": line.replaced_at, "by_author": line.by_author, "changed": line.changed}
