"""Memory of somebody's conversation, as an admin reads it: folded away, read-only."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from domain.language import N_, Texts
from domain.memory.overview import ChapterEntry, FactEntry, MemoryOverview
from domain.memory.rows import DIGEST, MadeBy
from ui.admin.shell.cells import exactly, numbered
from ui.request.visitor import Reader
from ui.widgets.heading import Heading

MADE_BY = {
    MadeBy.MODEL: N_("by the model"),
    MadeBy.EXCERPTS: N_("excerpts"),
    MadeBy.PERSON: N_("written by the user"),
    MadeBy.LOADED: N_("imported from a file"),
}


def remembered(reader: Reader, memory: MemoryOverview) -> None:
    """Shows nothing at all if nothing is remembered."""
    _ = reader._
    pinned, facts, chapters = memory.pinned, memory.facts, memory.chapters
    if not (pinned or facts or chapters):
        return
    with ui.element("details").classes("fold admin-card"):
        with ui.element("summary"):
            ui.label(_("What is remembered of it"))
        _list(_("Pinned in memory"), [(each.text, _source(_, each.message_id)) for each in pinned])
        _list(_("Facts"), [(each.text, _about_fact(reader, each)) for each in facts])
        _list(_("Chapters"), [(each.text, _about_chapter(reader, each)) for each in chapters])


def _list(title: str, rows: Sequence[tuple[str, str]]) -> None:
    if not rows:
        return
    Heading(title, level=3)
    with ui.element("ul").classes("admin-remembered"):
        for text, about in rows:
            with ui.element("li"):
                ui.label(text).classes("words")
                ui.label(about).classes("muted")


def _source(_: Texts, message_id: int | None) -> str:
    return _("message {number}", number=numbered(_, message_id)) if message_id else _("the user's own words")


def _about_fact(reader: Reader, fact: FactEntry) -> str:
    _ = reader._
    told = [_source(_, fact.message_id), _(MADE_BY[fact.made_by])]
    told += [exactly(reader, fact.said_at)] if fact.said_at else []
    told += [_("pinned")] if fact.is_pinned else []
    told += [_("no longer true")] if fact.replaced_by else []
    return " · ".join(told)


def _about_chapter(reader: Reader, chapter: ChapterEntry) -> str:
    _ = reader._
    span = _("messages {first} to {last}", first=numbered(_, chapter.first_id), last=numbered(_, chapter.last_id))
    told = [_("the overall gist")] if chapter.level == DIGEST else []
    return " · ".join([*told, span, _(MADE_BY[chapter.made_by]), exactly(reader, chapter.ended_at)])
