"""Admin list of conversations: without a word of what is said in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from domain.admin.dialogs import DialogFilter, DialogOrder, DialogRow, Faults
from domain.language import Texts
from ui.admin.shell.admin_table import AdminTable, Cell, Filter, LineColumn, rows_of
from ui.admin.shell.cells import chip, chips, loaded_words, moment, numbered, trial_words
from ui.admin.shell.period import day_begins, day_ends
from ui.request.visitor import Reader
from ui.widgets.money import money
from ui.widgets.picture_urls import portrait_address

FEED = "/admin/feed/dialogs"
USUAL_ORDER = f"-{DialogOrder.SPOKEN}"
ONLY, WITHOUT = "only", "without"
CHOSEN = {ONLY: True, WITHOUT: False}


def dialogs_list(reader: Reader, *, fixed: Mapping[str, int] | None = None) -> AdminTable:
    """All of them, or with `fixed` those of one person or with one character."""
    _ = reader._
    filters = [
        Filter("person", _("User ID"), "number"),
        Filter("character", _("Character ID"), "number"),
        Filter("faults", _("Errors"), "select", [("", _("all")), *_faults(_).items()]),
        Filter("trials", _("Trials"), "select", [("", _("all")), *_trials(_).items()]),
        Filter("imported", _("Imported"), "select", [("", _("all")), *_imported(_).items()]),
        Filter("since", _("Last message from"), "date"),
        Filter("until", _("to"), "date"),
        Filter("started_since", _("Started from"), "date"),
        Filter("started_until", _("to"), "date"),
    ]
    return AdminTable(
        _,
        FEED,
        _columns(reader),
        () if fixed else filters,
        caption=_("Conversations"),
        empty=_("No conversations yet."),
        sort=USUAL_ORDER,
        fixed=fixed,
    )


def dialogs_filter(
    reader: Reader, asked: Mapping[str, str], person_id: int | None, character_id: int | None
) -> DialogFilter:
    """The query in the address; invalid values are ignored."""
    faults = asked.get("faults", "")
    return DialogFilter(
        user_id=person_id,
        character_id=character_id,
        since=day_begins(reader, asked.get("since", "")),
        until=day_ends(reader, asked.get("until", "")),
        started_since=day_begins(reader, asked.get("started_since", "")),
        started_until=day_ends(reader, asked.get("started_until", "")),
        faults=Faults(faults) if faults in set(Faults) else None,
        is_trial=CHOSEN.get(asked.get("trials", "")),
        is_loaded=CHOSEN.get(asked.get("imported", "")),
    )


def _trials(_: Texts) -> dict[str, str]:
    return {ONLY: _("only trials"), WITHOUT: _("without trials")}


def _imported(_: Texts) -> dict[str, str]:
    return {ONLY: _("only imported from a file"), WITHOUT: _("without imported ones")}


def _faults(_: Texts) -> dict[str, str]:
    return {
        Faults.ANY.value: _("with either"),
        Faults.FAILED.value: _("errors of the model"),
        Faults.REFUSED.value: _("refusals of the filter"),
    }


def dialogs_rows(reader: Reader, talks: list[DialogRow]) -> list[dict[str, Any]]:
    return rows_of(_columns(reader), talks)


def _columns(reader: Reader) -> list[LineColumn[DialogRow]]:
    _, order = reader._, DialogOrder

    def title(talk: DialogRow) -> Cell:
        return {
            "text": f"{talk.person} × {talk.character}",
            "href": f"/admin/dialogs/{talk.id}",
            "picture": portrait_address(talk.character),
            "note": numbered(_, talk.id),
        }

    def number(key: str, label: str, order: DialogOrder, cell: Callable[[DialogRow], Cell]) -> LineColumn[DialogRow]:
        return LineColumn(key, label, order, is_number=True, cell=cell)

    return [
        LineColumn("with", _("Conversation"), cell=title),
        number("started", _("Started"), order.STARTED, lambda talk: moment(reader, talk.started_at)),
        number("spoken", _("Last message"), order.SPOKEN, lambda talk: moment(reader, talk.spoken_at)),
        number("messages", _("Messages"), order.MESSAGES, lambda talk: _.number(talk.messages)),
        number("tokens", _("Tokens"), order.TOKENS, lambda talk: _.number(talk.tokens)),
        number("cost", _("Cost"), order.COST, lambda talk: money(_, talk.cost)),
        LineColumn("marks", _("Flags"), cell=lambda talk: _marks(_, talk)),
    ]


def _marks(_: Texts, talk: DialogRow) -> Cell:
    return chips(
        chip(_("reply in progress"), "good") if talk.is_running else None,
        chip(trial_words(_)) if talk.is_trial else None,
        chip(loaded_words(_), "warn") if talk.is_loaded else None,
        chip(_.plural("{n} error", "{n} errors", talk.faults), "bad") if talk.faults else None,
    )
