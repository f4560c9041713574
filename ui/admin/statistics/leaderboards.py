"""Leaderboards: the top ten characters or people, and what people think of each model's replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.characters.reply_feedback import FeedbackCount
from domain.language import Texts
from domain.llm.model_names import readable_names
from domain.statistics.daily_totals import Rank, Top
from ui.admin.shell.admin_table import Column
from ui.widgets.money import money
from ui.widgets.picture_urls import portrait_address


def rank_names(_: Texts) -> dict[Rank, str]:
    return {Rank.REPLIES: _("by replies"), Rank.TOKENS: _("by tokens"), Rank.COST: _("by cost")}


def tops_columns(_: Texts, of: str) -> list[Column]:
    return [
        Column("name", of),
        Column("replies", _("Replies"), is_number=True),
        Column("tokens", _("Tokens"), is_number=True),
        Column("cost", _("Cost"), is_number=True),
    ]


def top_rows(_: Texts, top: Sequence[Top], address: str, rank: Rank) -> list[dict[str, Any]]:
    """`address` is the list whose detail pages the names lead to; the bar shows what they are ranked by."""
    weights = [{Rank.REPLIES: each.replies, Rank.TOKENS: each.tokens, Rank.COST: each.cost}[rank] for each in top]
    most = max(weights, default=0) or 1
    return [
        {
            "id": each.id,
            "name": {
                "text": f"{place}. {each.name}",
                "href": f"{address}/{each.id}",
                "picture": portrait_address(each.name),
                "bar": weight / most,
            },
            "replies": _.number(each.replies),
            "tokens": _.number(each.tokens),
            "cost": money(_, each.cost),
        }
        for place, (each, weight) in enumerate(zip(top, weights, strict=True), start=1)
    ]


def feedback_columns(_: Texts) -> list[Column]:
    return [
        Column("name", _("Model")),
        Column("up", _("Good replies"), is_number=True),
        Column("down", _("Bad replies"), is_number=True),
        Column("share", _("Share of good ones"), is_number=True),
    ]


def feedback_rows(_: Texts, feedback: Mapping[str, FeedbackCount]) -> list[dict[str, Any]]:
    """One row a model, the one with the most feedback first."""
    names = readable_names(feedback)
    most = sorted(feedback.items(), key=lambda each: (-sum(each[1]), each[0]))
    return [
        {
            "id": name,
            "name": names[name] or _("unknown"),
            "up": _.number(count.up),
            "down": _.number(count.down),
            "share": f"{round(100 * count.up / sum(count))} %",
        }
        for name, count in most
    ]
