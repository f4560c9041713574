"""Admin API: usage numbers, people, their messages, and blocking a person."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from domain.accounts.sessions import Caller
from domain.errors import NotFound
from ui.api.bearer import BearerAuth
from ui.api.errors import documented, seed_errors
from ui.api.paging import PAGED, set_next_cursor
from ui.api.schemas import (
    MOST,
    Block,
    BlockState,
    Cursor,
    Id,
    Limit,
    MessageOut,
    ShortDialog,
    Stats,
    UserAdminDetail,
    UserPublic,
)
from ui.api.serializers import message_shown, user_shown
from ui.app import App
from ui.request.authenticate_first import authenticate_first


def admin(app: App) -> APIRouter:
    auth = BearerAuth(app)
    router = APIRouter(prefix="/admin", tags=["admin"], route_class=authenticate_first(auth.ask))
    _add_lookups(router, app, auth)
    _add_block(router, app, auth)
    return router


def _add_lookups(router: APIRouter, app: App, auth: BearerAuth) -> None:
    @router.get("/stats", responses=documented(401, 403))
    async def stats(caller: Annotated[Caller, Depends(auth.caller)]) -> Stats:
        counts = await app.admin.overview.counts(caller)
        return Stats(users=counts.users, characters=counts.characters, dialogs=counts.dialogs, messages=counts.messages)

    @router.get("/users", responses=PAGED | documented(401, 403))
    async def list_users(
        response: Response,
        caller: Annotated[Caller, Depends(auth.caller)],
        limit: Limit = MOST,
        cursor: Cursor = None,
    ) -> list[UserPublic]:
        """Newest first."""
        found = await app.admin.overview.users(caller, limit, cursor)
        set_next_cursor(response, [each.id for each in found], limit)
        return [user_shown(each) for each in found]

    @router.get("/users/{user_id}", responses=documented(401, 403, 404))
    async def user_detail(user_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> UserAdminDetail:
        """A person with the names of their characters and their latest dialogs, at most a hundred of each."""
        with seed_errors({NotFound: (404, "Not found")}):
            person = await app.admin.overview.person(caller, user_id)
        return UserAdminDetail(
            id=person.user.id,
            email=person.user.email,
            created_at=person.user.created_at,
            characters=person.characters,
            short_dialogs=[
                ShortDialog(id=dialog.id, started_at=dialog.started_at, character_name=name)
                for dialog, name in person.dialogs
            ],
        )

    @router.get("/dialogs/{dialog_id}", responses=PAGED | documented(401, 403, 404))
    async def dialog_detail(
        dialog_id: Id,
        response: Response,
        caller: Annotated[Caller, Depends(auth.caller)],
        limit: Limit = MOST,
        cursor: Cursor = None,
    ) -> list[MessageOut]:
        """The messages, oldest first. Reading them is recorded in the audit log, and the person is told."""
        found = await app.audit.dialog_access.read_for_api(caller, dialog_id, limit, cursor)
        set_next_cursor(response, [each.id for each in found], limit)
        return [message_shown(each) for each in found]


def _add_block(router: APIRouter, app: App, auth: BearerAuth) -> None:
    @router.post("/users/{user_id}/block", responses=documented(401, 403, 404))
    async def block_user(
        user_id: Id, caller: Annotated[Caller, Depends(auth.caller)], body: Block | None = None
    ) -> BlockState:
        """Without a body it toggles the block; `{"blocked": true}` and `false` set it. The last admin stays.

        A block ends the person's tokens and running replies at once; in a browser they may only read why, and appeal.
        """
        with seed_errors({NotFound: (404, "Not found")}):
            is_blocked = await app.moderation.measures.block_user(
                caller, user_id, blocked=body.blocked if body else None
            )
        return BlockState(detail="set" if body else "toggled", is_blocked=is_blocked)
