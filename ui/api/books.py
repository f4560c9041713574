"""Books API: books of characters and a person's worlds, their settings, and the worlds of characters and dialogs."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends

from domain.accounts.sessions import Caller
from domain.books.book_view import BookView
from domain.errors import NotFound
from ui.api.bearer import BearerAuth
from ui.api.book_schemas import BookOut, BookUpdate, TextToTry, TriedEntryOut, TriedOut, WorldCreate
from ui.api.errors import documented
from ui.api.schemas import Id
from ui.app import App
from ui.request.authenticate_first import authenticate_first

CHANGED = documented(401, 403, 404)


def books(app: App) -> APIRouter:
    auth = BearerAuth(app)
    router = APIRouter(prefix="/books", tags=["books"], route_class=authenticate_first(auth.ask))
    kept = app.cards.books

    @router.get("", responses=documented(401, 403))
    async def list_worlds(caller: Annotated[Caller, Depends(auth.caller)]) -> list[BookOut]:
        """Your worlds, by name."""
        return [shown(each) for each in await kept.worlds(caller)]

    @router.post("", status_code=201, responses=documented(401, 403))
    async def create_world(body: WorldCreate, caller: Annotated[Caller, Depends(auth.caller)]) -> BookOut:
        """An empty world; it is attached to characters and dialogs by `PUT …/worlds/{book_id}`."""
        return shown(await kept.create_world(caller, body.name))

    @router.get("/{book_id}", responses=CHANGED)
    async def get_book(book_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> BookOut:
        """A world of yours, or the book of a character of yours; admins see those of all characters."""
        return shown(await kept.view(caller, book_id))

    @router.patch("/{book_id}", responses=CHANGED)
    async def change_book(book_id: Id, body: BookUpdate, caller: Annotated[Caller, Depends(auth.caller)]) -> BookOut:
        """Change its settings."""
        return shown(await kept.change(caller, book_id, **body.model_dump(exclude_unset=True)))

    @router.delete("/{book_id}", status_code=204, responses=CHANGED)
    async def delete_book(book_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> None:
        """Delete a book. It can be restored for 30 days; a character's as long as the character has no other one."""
        await kept.delete(caller, book_id)

    @router.post("/{book_id}/restore", responses=CHANGED)
    async def restore_book(book_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> BookOut:
        """Undo its deletion; it is attached as it was."""
        return shown(await kept.restore(caller, book_id))

    @router.post("/{book_id}/try", responses=CHANGED)
    async def try_out(book_id: Id, body: TextToTry, caller: Annotated[Caller, Depends(auth.caller)]) -> TriedOut:
        """Entries that would fire if this were the last message, and why."""
        tried = await app.cards.try_out.of_text(caller, book_id, body.text)
        return TriedOut(
            fired=[TriedEntryOut(**asdict(each)) for each in tried.fired],
            left_out=[TriedEntryOut(**asdict(each)) for each in tried.left_out],
        )

    return router


def knowledge(app: App) -> APIRouter:
    """Routes for the books and worlds of characters and dialogs."""
    auth = BearerAuth(app)
    router = APIRouter(tags=["books"], route_class=authenticate_first(auth.ask))
    kept, worlds = app.cards.books, app.cards.worlds

    @router.get("/characters/{character_id}/book", responses=CHANGED)
    async def get_book_of_character(character_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> BookOut:
        """The book of a character of yours; 404 if it has none."""
        book = await kept.of_character(caller, character_id)
        if book is None:
            raise NotFound("There is no such book.")
        return shown(book)

    @router.post("/characters/{character_id}/book", responses=CHANGED)
    async def create_book_of_character(character_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> BookOut:
        """An empty book for a character of yours; if it has one, that one."""
        return shown(await kept.create_for(caller, character_id))

    @router.get("/characters/{character_id}/worlds", responses=CHANGED)
    async def worlds_of_character(character_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> list[BookOut]:
        """The worlds that a character of yours knows in all its dialogs."""
        return [shown(each) for each in await worlds.of_character(caller, character_id)]

    @router.put("/characters/{character_id}/worlds/{book_id}", status_code=204, responses=CHANGED)
    async def attach(character_id: Id, book_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> None:
        """Attach a world of yours to a character of yours."""
        await worlds.attach(caller, book_id, character_id)

    @router.delete("/characters/{character_id}/worlds/{book_id}", status_code=204, responses=CHANGED)
    async def detach(character_id: Id, book_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> None:
        """Detach it; where it is not attached, nothing happens."""
        await worlds.detach(caller, book_id, character_id)

    @router.get("/dialogs/{dialog_id}/worlds", responses=CHANGED)
    async def worlds_of_dialog(dialog_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> list[BookOut]:
        """The worlds that you attached to a dialog of yours."""
        return [shown(each) for each in await worlds.of_dialog(caller, dialog_id)]

    @router.put("/dialogs/{dialog_id}/worlds/{book_id}", status_code=204, responses=CHANGED)
    async def attach_to_dialog(dialog_id: Id, book_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> None:
        """Attach a world of yours to a dialog of yours."""
        await worlds.attach_to_dialog(caller, book_id, dialog_id)

    @router.delete("/dialogs/{dialog_id}/worlds/{book_id}", status_code=204, responses=CHANGED)
    async def detach_from_dialog(dialog_id: Id, book_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> None:
        """Detach it; where it is not attached, nothing happens."""
        await worlds.detach_from_dialog(caller, book_id, dialog_id)

    return router


def shown(view: BookView) -> BookOut:
    return BookOut(**asdict(view))
