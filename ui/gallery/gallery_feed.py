"""Feed of the gallery: pages of cards, the interests for its filter, and the favourite star of a card."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.datastructures import QueryParams

from domain.characters.gallery import GalleryCard, GalleryPage
from domain.characters.gallery_order import Sort
from domain.characters.gallery_query import MOST_INTERESTS, GalleryQuery, Tab, usual_language
from domain.characters.interests import KnownInterest
from domain.characters.macros import filled_in
from domain.characters.search_terms import SEARCH_LIMIT
from domain.characters.visibility import is_listed
from domain.characters.votes import mean_of
from domain.errors import RateLimited
from domain.language import LANGUAGES, Texts
from domain.model.character import AgeMark, Character, Gender
from domain.model.interest import clean_interests
from domain.text import without_unstorable
from storage.columns import clamp_id
from ui.app import App
from ui.request.authenticate_first import authenticate_first
from ui.request.http import NOT_KEPT
from ui.request.visitor import Reader, reader_of
from ui.widgets.labels import gender_sign, language_words
from ui.widgets.picture_urls import character_picture

GALLERY = "/feed/gallery"
ANY_LANGUAGE = "any"
TEASER = 157
"""Maximum characters of a card's text: about three lines."""

Word = TypeVar("Word", bound=StrEnum)


class Star(BaseModel):
    favourite: bool


def gallery_feed(app: App) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get(GALLERY)
    async def gallery(request: Request) -> JSONResponse:
        """Invalid parameters are ignored."""
        reader = await reader_of(app, request)
        asked, after = request.query_params, request.query_params.get("after")
        wanted = gallery_query(asked, reader._.language)
        page = await app.characters.gallery.page(reader.caller, wanted, after)
        frequent = await app.characters.interests.frequent(wanted.language) if page.count is not None else []
        return JSONResponse(
            {
                "cards": [card(reader, each) for each in page.cards],
                "count": _count(reader._, page),
                "next": _next(asked, page.after),
                "interests": _words(frequent),
                "author": page.author,
                "language": wanted.language,
                "is_elsewhere": await _is_elsewhere(app, reader, wanted, page),
            },
            headers=NOT_KEPT,
        )

    @router.get("/feed/interests")
    async def interests(begins: str = "") -> JSONResponse:
        return JSONResponse({"interests": _words(await app.characters.interests.suggested(begins))}, headers=NOT_KEPT)

    router.include_router(_stars(app))
    return router


async def _is_elsewhere(app: App, reader: Reader, wanted: GalleryQuery, page: GalleryPage) -> bool:
    """Whether the language filter hides all matches: an empty page then offers to remove it."""
    if page.cards or page.count is None or not wanted.language:
        return False
    with suppress(RateLimited):  # an extra search that the reader did not ask for
        return bool((await app.characters.gallery.page(reader.caller, replace(wanted, language=""))).cards)
    return False


def _stars(app: App) -> APIRouter:
    async def ask(request: Request) -> None:
        request.state.caller = (await reader_of(app, request)).must_be_logged_in()

    router = APIRouter(route_class=authenticate_first(ask))

    @router.post("/feed/characters/{character_id}/favourite", status_code=204)
    async def favourite(character_id: int, star: Star, request: Request) -> Response:
        await app.characters.favourites.set_favourite(request.state.caller, character_id, star.favourite)
        return Response(status_code=204)

    return router


def gallery_query(asked: QueryParams, reads: str) -> GalleryQuery:
    """The query in the address, for somebody who `reads` a language. `with`, `without`, `gender` and `age` may occur
    several times.
    """
    tab = next(_known(Tab, asked.getlist("tab")), Tab.ALL)
    words = without_unstorable(asked.get("q", "")[:SEARCH_LIMIT])
    author_id = _number(asked.get("author", ""))
    usual = usual_language(tab, words, author_id, reads)
    languages = {each: each for each in LANGUAGES} | {ANY_LANGUAGE: ""}
    return GalleryQuery(
        tab=tab,
        sort=next(_known(Sort, asked.getlist("sort")), None),
        words=words,
        language=languages.get(asked.get("language", ""), usual),
        author_id=author_id,
        having=_interests(asked.getlist("with")),
        lacking=_interests(asked.getlist("without")),
        genders=tuple(_known(Gender, asked.getlist("gender"))),
        ages=tuple(_known(AgeMark, asked.getlist("age"))),
    )


def card(reader: Reader, shown: GalleryCard) -> dict[str, Any]:
    """The card in the shape card_grid.js expects; "" is not shown."""
    _, character = reader._, shown.character
    votes, talks = character.votes_count, character.talks
    return {
        "id": character.id,
        "url": f"/characters/{character.id}",
        "name": character.name,
        "teaser": character.teaser or _first_words(filled_in(character.bio, character, reader.user)),
        "picture": character_picture(character, "small"),
        "gender_sign": gender_sign(character.gender),
        "age_mark": character.age_mark.value,
        **_foreign(_, character),
        "interests": character.interests,
        "rating": _.number(mean_of(character)) if votes else "",
        "votes": votes,
        "votes_words": _.plural("{n} rating", "{n} ratings", votes) if votes else "",
        "talks": _.short_number(talks) if talks else "",
        "talks_words": _.plural("{n} chat", "{n} chats", talks) if talks else "",
        "author": shown.author,
        "badge": _badge(_, character),
        "is_favourite": shown.is_favourite,
        "is_own": shown.is_own,
        "chat_url": f"/chat/{shown.dialog_id}" if shown.dialog_id else "",
    }


def _foreign(_: Texts, character: Character) -> dict[str, str]:
    """The mark of a card in another language than the reader's."""
    words = "" if character.language == _.language else language_words(_).get(character.language, "")
    return {"language": character.language if words else "", "language_words": words}


def _badge(_: Texts, character: Character) -> str:
    """The reason that it is listed for its author only; empty if it is listed for everybody."""
    if is_listed(character):
        return ""
    if character.is_blocked:
        return _("blocked")
    return _("hidden") if character.is_hidden else _("private")


def _count(_: Texts, page: GalleryPage) -> str:
    if not page.count:
        return ""
    if page.is_more_than:
        return _.plural("more than {n} character", "more than {n} characters", page.count)
    return _.plural("{n} character", "{n} characters", page.count)


def _next(asked: QueryParams, after: str | None) -> str | None:
    if after is None:
        return None
    same = [(key, value) for key, value in asked.multi_items() if key != "after"]
    return f"{GALLERY}?{urlencode([*same, ('after', after)], errors='replace')}"


def _words(interests: Iterable[KnownInterest]) -> list[dict[str, Any]]:
    return [{"word": each.spelling or each.word, "count": each.characters} for each in interests]


def _interests(typed: list[str]) -> tuple[str, ...]:
    return tuple(clean_interests([without_unstorable(each) for each in typed[:MOST_INTERESTS]], MOST_INTERESTS))


def _number(typed: str) -> int | None:
    """An id, if it is one."""
    return clamp_id(int(typed)) if re.fullmatch(r"[0-9]{1,19}", typed) else None


def _known(kind: type[Word], given: Iterable[str]) -> Iterator[Word]:
    """The given values that are valid, without duplicates."""
    known = {each.value: each for each in kind}
    return iter(dict.fromkeys(known[each] for each in given if each in known))


def _first_words(text: str) -> str:
    return text[:TEASER] + "…" if len(text) > TEASER else text
