"""Lore API: the entries of lorebooks that stood in the prompt of a reply."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from domain.accounts.sessions import Caller
from ui.api.bearer import BearerAuth
from ui.api.errors import documented
from ui.api.schemas import Id
from ui.app import App
from ui.request.authenticate_first import authenticate_first


class LoreOut(BaseModel):
    id: int
    title: str
    text: Annotated[str, Field(description="The beginning of what it says; empty if you may know the title only.")]
    key: Annotated[str, Field(description="The key that fired; empty if it is always there, or had stayed.")]
    by_entry: Annotated[bool, Field(description="Whether another entry said the key, and not the conversation.")]


def lore(app: App) -> APIRouter:
    auth = BearerAuth(app)
    router = APIRouter(prefix="/dialogs", tags=["dialogs"], route_class=authenticate_first(auth.ask))

    @router.get("/messages/{message_id}/lore", responses=documented(401, 403, 404))
    async def get_lore(message_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> list[LoreOut]:
        """The entries of lorebooks that stood in the prompt of a reply of yours, in their order there.

        Entries of your own books have all fields, those of others only the title, if the book's owner shows it.
        """
        found = await app.chat.chat.lore(caller, message_id)
        return [
            LoreOut(id=each.id, title=each.title, text=each.text, key=each.because, by_entry=each.by_entry)
            for each in found
        ]

    return router
