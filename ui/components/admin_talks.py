"""Admin list of conversations: without a word of what is said in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.admin.talks import TalkOrder, TalkRow, TalksSought
from ui.components.admin_cells import chip, chips, loaded_words, moment, money
from ui.components.admin_period import day_begins, day_ends
from ui.components.admin_table import AdminTable, Column, Filter
from ui.pictures import portrait_address
from ui.visitor import Reader

FEED = "/admin/feed/dialogs"
USUAL_ORDER = f"-{TalkOrder.SPOKEN}"


def talks_list(reader: Reader, *, fixed: Mapping[str, int] | None = None) -> AdminTable:
    """All of them, or with `fixed` those of one person or with one character."""
    _ = reader._
    columns = [
        Column("with", _("Conversation")),
        Column("started", _("Begun"), TalkOrder.STARTED, is_number=True),
        Column("spoken", _("Last word"), TalkOrder.SPOKEN, is_number=True),
        Column("messages", _("Messages"), TalkOrder.MESSAGES, is_number=True),
        Column("tokens", _("Tokens"), TalkOrder.TOKENS, is_number=True),
        Column("cost", _("Money"), TalkOrder.COST, is_number=True),
        Column("marks", _("Marks")),
    ]
    filters = [
        Filter("person", _("Person, number"), "number"),
        Filter("character", _("Character, number"), "number"),
        Filter("faults", _("Faults"), "select", [("", _("no matter")), ("1", _("with faults"))]),
        Filter("since", _("Last word from"), "date"),
        Filter("until", _("to, included"), "date"),
        Filter("started_since", _("Begun from"), "date"),
        Filter("started_until", _("to, included"), "date"),
    ]
    return AdminTable(
        _,
        FEED,
        columns,
        () if fixed else filters,
        caption=_("Conversations"),
        empty=_("Nobody has talked yet."),
        sort=USUAL_ORDER,
        fixed=fixed,
    )


def talks_sought(
    reader: Reader, asked: Mapping[str, str], person_id: int | None, character_id: int | None
) -> TalksSought:
    """The query in the address; invalid values are ignored."""
    return TalksSought(
        user_id=person_id,
        character_id=character_id,
        since=day_begins(reader, asked.get("since", "")),
        until=day_ends(reader, asked.get("until", "")),
        started_since=day_begins(reader, asked.get("started_since", "")),
        started_until=day_ends(reader, asked.get("started_until", "")),
        has_faults=bool(asked.get("faults")),
    )


def talk_rows(reader: Reader, talks: list[TalkRow]) -> list[dict[str, Any]]:
    return [_row(reader, talk) for talk in talks]


def _row(reader: Reader, talk: TalkRow) -> dict[str, Any]:
    _ = reader._
    return {
        "id": talk.id,
        "with": {
            "text": f"{talk.person} × {talk.character}",
            "href": f"/admin/dialogs/{talk.id}",
            "picture": portrait_address(talk.character),
            "note": f"№ {talk.id}",
        },
        "started": moment(reader, talk.started_at),
        "spoken": moment(reader, talk.spoken_at),
        "messages": _.number(talk.messages),
        "tokens": _.number(talk.tokens),
        "cost": money(_, talk.cost),
        "marks": chips(
            chip(_("a reply is being written"), "good") if talk.is_running else None,
            chip(loaded_words(_), "warn") if talk.is_loaded else None,
            chip(_.plural("{n} fault", "{n} faults", talk.faults), "bad") if talk.faults else None,
        ),
    }
