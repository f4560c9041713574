"""Moderation templates: short reasons for measures, and sentences that an admin may begin with."""

from __future__ import annotations

from domain.language import N_
from domain.moderation.reports import Complaint

REASONS: dict[Complaint, str] = {
    Complaint.CHILDREN: N_("Sexual content involving minors"),
    Complaint.VIOLENCE: N_("Calls for violence, cruelty or self-harm"),
    Complaint.HATE: N_("Hate or humiliation"),
    Complaint.ADULT: N_("Adult content not marked 18+"),
    Complaint.REAL_PERSON: N_("A real person, without their consent"),
    Complaint.SPAM: N_("Spam or scam"),
    Complaint.OTHER: N_("Another breach of the rules"),
}

TEMPLATES: dict[Complaint, str] = {
    Complaint.CHILDREN: N_("Sexual content involving minors has no place here, in any form or any story."),
    Complaint.VIOLENCE: N_("Calls for real violence, and cruelty for its own sake, have no place here."),
    Complaint.HATE: N_("This demeans people for who they are. That has no place on Beseda."),
    Complaint.ADULT: N_("This is for adults only and has to be marked 18+."),
    Complaint.REAL_PERSON: N_("This depicts a real person who has not agreed to it."),
    Complaint.SPAM: N_("This is advertising or an attempt to deceive people."),
    Complaint.OTHER: N_("This breaks the rules of Beseda."),
}
