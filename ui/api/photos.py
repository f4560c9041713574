"""Photo upload API: takes photos of characters and returns their addresses."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, File, UploadFile

from domain.accounts.sessions import Caller
from domain.errors import Invalid
from ui.api.bearer import BearerAuth
from ui.api.errors import documented
from ui.api.schemas import Photo
from ui.app import App
from ui.request.authenticate_first import authenticate_first

OUR_PHOTO = re.compile(r"/pictures/([\w-]{1,64})/(?:small|large)\.webp", re.ASCII)
SEEDS_PHOTOS = "/static/uploads/"


def photos(app: App) -> APIRouter:
    auth = BearerAuth(app)
    router = APIRouter(prefix="/characters", tags=["characters"], route_class=authenticate_first(auth.ask))

    @router.post("/upload/photo", responses=documented(401, 403, 507))
    async def upload_photo(
        caller: Annotated[Caller, Depends(auth.caller)], file: Annotated[UploadFile, File()]
    ) -> Photo:
        """Upload a photo (PNG, JPEG or WebP, at most 5 MB) for a character's `photo_url`. It is re-encoded as WebP.

        Changed on purpose: it needs a token, and the file name and media type that the client gives are ignored.
        """
        token = await app.pictures.photos.store(caller, await file.read())
        return Photo(photo_url=photo_url(token))

    return router


def photo_url(token: str) -> str:
    return f"/pictures/{token}/large.webp"


def picture_token(address: str | None) -> str | None:
    if not address or address.startswith(SEEDS_PHOTOS):
        return None
    ours = OUR_PHOTO.fullmatch(address)
    if ours is None:
        raise Invalid("Only photos uploaded here can be shown.", field="photo_url")
    return ours[1]
