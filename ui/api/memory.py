"""Memory API: what is remembered of a person's dialog, to be read, corrected, forgotten and switched off."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends

from domain.accounts.sessions import Caller
from domain.memory.overview import ChapterEntry, FactEntry, MemoryOverview, PinnedEntry
from ui.api.bearer import BearerAuth
from ui.api.errors import documented
from ui.api.memory_schemas import (
    ChapterOut,
    ChapterUpdate,
    FactOut,
    FactUpdate,
    MemoryBarOut,
    MemoryOut,
    MemorySwitch,
    Pinned,
    PinOut,
    PinRequest,
    RecalledOut,
)
from ui.api.schemas import Id
from ui.app import App
from ui.request.authenticate_first import authenticate_first

CHANGED = documented(401, 403, 404)


def memory(app: App) -> APIRouter:
    auth = BearerAuth(app)
    router = APIRouter(prefix="/dialogs/{dialog_id}/memory", tags=["memory"], route_class=authenticate_first(auth.ask))
    remembered = app.chat.memory

    @router.get("", responses=CHANGED)
    async def get_memory(dialog_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> MemoryOut:
        """The memory of a dialog of yours, on the path being read."""
        return _shown(await remembered.overview(caller, dialog_id))

    @router.put("", status_code=204, responses=CHANGED)
    async def switch_memory(dialog_id: Id, body: MemorySwitch, caller: Annotated[Caller, Depends(auth.caller)]) -> None:
        """Switch memory off or on again. While it is off, nothing is lost and nothing is added."""
        await remembered.switch(caller, dialog_id, on=body.on)

    @router.delete("", status_code=204, responses=CHANGED)
    async def forget_everything(dialog_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> None:
        """Delete all pins, facts and chapters, on all branches, and switch memory off. The messages stay; switched on
        again, memory learns from what is said from now on only, until you let the old be read (`POST …/backlog`).
        """
        await remembered.forget_everything(caller, dialog_id)

    @router.post("/backlog", status_code=204, responses=CHANGED)
    async def read_backlog(dialog_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> None:
        """Let all of a long old dialog be read and summarised, in the background, for about `backlog_cost`."""
        await remembered.read_backlog(caller, dialog_id)

    @router.post("/pins", status_code=201, responses=CHANGED | documented(409))
    async def pin(dialog_id: Id, body: PinRequest, caller: Annotated[Caller, Depends(auth.caller)]) -> Pinned:
        """Pin a message, or words of your own: they stand in every prompt."""
        if body.message_id is not None:
            return Pinned(id=await remembered.pin_message(caller, dialog_id, body.message_id))
        return Pinned(id=await remembered.pin_words(caller, dialog_id, body.text or "", here_only=body.here_only))

    @router.delete("/pins/{pin_id}", status_code=204, responses=CHANGED)
    async def unpin(dialog_id: Id, pin_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> None:
        """Remove a pin."""
        await remembered.unpin(caller, dialog_id, pin_id)

    return router


def corrections(app: App) -> APIRouter:
    """Routes that correct and forget facts and chapters."""
    auth = BearerAuth(app)
    router = APIRouter(prefix="/dialogs/{dialog_id}/memory", tags=["memory"], route_class=authenticate_first(auth.ask))
    remembered = app.chat.memory

    @router.patch("/facts/{fact_id}", status_code=204, responses=CHANGED)
    async def change_fact(
        dialog_id: Id, fact_id: Id, body: FactUpdate, caller: Annotated[Caller, Depends(auth.caller)]
    ) -> None:
        """Correct a fact, or pin it, so that it stands in every prompt."""
        await remembered.change_fact(caller, dialog_id, fact_id, body.text, pinned=body.pinned)

    @router.delete("/facts/{fact_id}", status_code=204, responses=CHANGED)
    async def forget_fact(dialog_id: Id, fact_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> None:
        """Forget a fact: only what is said from now on may teach it again."""
        await remembered.forget_fact(caller, dialog_id, fact_id)

    @router.post("/facts/{fact_id}/undo", status_code=204, responses=CHANGED)
    async def undo_forget(dialog_id: Id, fact_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> None:
        """Restore a forgotten fact, within a month."""
        await remembered.undo_forget(caller, dialog_id, fact_id)

    @router.patch("/chapters/{chapter_id}", status_code=204, responses=CHANGED)
    async def change_chapter(
        dialog_id: Id, chapter_id: Id, body: ChapterUpdate, caller: Annotated[Caller, Depends(auth.caller)]
    ) -> None:
        """Correct a chapter; it is yours from then on, and is not overwritten."""
        await remembered.edit_chapter(caller, dialog_id, chapter_id, body.text)

    @router.post("/chapters/{chapter_id}/retell", status_code=204, responses=CHANGED)
    async def retell_chapter(dialog_id: Id, chapter_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> None:
        """Have a chapter summarised again, in the background; it costs as much as a new one."""
        await remembered.retell_chapter(caller, dialog_id, chapter_id)

    return router


def _shown(overview: MemoryOverview) -> MemoryOut:
    return MemoryOut(
        bar=MemoryBarOut(**asdict(overview.bar)),
        pinned=[_pin(each) for each in overview.pinned],
        facts=[_fact(each) for each in overview.facts],
        chapters=[_chapter(each) for each in overview.chapters],
        recalled=[
            RecalledOut(message_id=each.message_id, said_at=each.said_at, excerpt=each.excerpt)
            for each in overview.recalled
        ],
        pinned_room=overview.pinned_room,
        tokens=overview.tokens,
        cost=overview.cost,
        backlog_messages=overview.backlog_messages,
        backlog_cost=overview.backlog_cost,
    )


def _pin(pin: PinnedEntry) -> PinOut:
    return PinOut(
        id=pin.id,
        text=pin.text,
        message_id=pin.message_id,
        here_only=pin.is_here_only,
        on_path=pin.is_on_path,
        hidden=pin.is_hidden,
    )


def _fact(fact: FactEntry) -> FactOut:
    return FactOut(
        id=fact.id,
        text=fact.text,
        message_id=fact.message_id,
        said_at=fact.said_at,
        made_by=fact.made_by,
        pinned=fact.is_pinned,
        replaced_by=fact.replaced_by,
    )


def _chapter(chapter: ChapterEntry) -> ChapterOut:
    return ChapterOut(
        id=chapter.id,
        level=chapter.level,
        first_id=chapter.first_id,
        last_id=chapter.last_id,
        first_number=chapter.first_number,
        last_number=chapter.last_number,
        text=chapter.text,
        made_by=chapter.made_by,
        is_running=chapter.is_running,
        is_waiting=chapter.is_waiting,
        reference=chapter.reference,
    )
