"""Length limits before processing: a megabyte of text is refused without being looked at character by character."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from domain.accounts.profile import _checked as checked_profile
from domain.accounts.validation import clean_display_name
from domain.admin.announcements import AnnouncementFields, Level
from domain.admin.announcements import _checked as checked_announcement
from domain.characters.drafts import _storable as storable_draft
from domain.characters.validation import LINES, LISTS, TEXTS, check
from domain.chat.dialogs import clean_title
from domain.chat.replies.reply_request import clean_message
from domain.errors import Invalid, InvalidForm
from domain.model.character import Character, Gender
from domain.moderation.reports import Complaint
from domain.moderation.reports import clean_comment as clean_complaint
from domain.text import clean_text


class Measured(str):
    """A text that may be measured and cut, and nothing else."""

    __slots__ = ()

    def _refused(self, *_args: object, **_options: object) -> str:
        raise AssertionError("it was looked at before it was measured")

    split = strip = lstrip = replace = casefold = lower = _refused  # type: ignore[assignment] # nobody calls them
    translate = encode = isprintable = __iter__ = _refused  # type: ignore[assignment] # nor these


MEGABYTE = Measured("e\u0301" * 500_000)


def character(**field: Any) -> Character:
    return Character(**{"owner_id": 1, "name": "Марина", "gender": Gender.FEMALE, "context": "Ты — Марина.", **field})


DOORS: dict[str, Callable[[], object]] = {
    "message": partial(clean_message, MEGABYTE),
    "title": partial(clean_title, MEGABYTE),
    "name": partial(clean_display_name, MEGABYTE),
    "about": lambda: checked_profile("Анна", MEGABYTE, "", ""),
    "admin's words": partial(clean_text, MEGABYTE, "why"),
    "complaint": partial(clean_complaint, MEGABYTE, Complaint.OTHER),
    "announcement": lambda: checked_announcement(AnnouncementFields(Level.INFO, MEGABYTE, "")),
    "draft": lambda: storable_draft({"bio": MEGABYTE}),
    "draft's list": lambda: storable_draft({"examples": [""] * 500_000}),
    "interest": lambda: check(character(interests=[MEGABYTE])),
    "interests": lambda: check(character(interests=["море"] * 100_000)),
    **{field: partial(check, character(**{"name": "М", field: MEGABYTE})) for field in LINES | TEXTS},
    **{field: partial(check, character(**{field: [MEGABYTE]})) for field in LISTS},
}


@pytest.mark.parametrize("door", DOORS)
def test_a_text_far_too_long_is_refused_for_its_length_alone(door: str) -> None:
    with pytest.raises((Invalid, InvalidForm)):
        DOORS[door]()
