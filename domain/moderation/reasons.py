"""Moderation templates: short reasons for measures, and sentences that an admin may begin with."""

from __future__ import annotations

from domain.language import N_
from domain.moderation.reports import Complaint

REASONS: dict[Complaint, str] = {
    Complaint.CHILDREN: N_("Sexual content involving minors"),
    Complaint.VIOLENCE: N_("Calls to violence or cruelty"),
    Complaint.HATE: N_("Hatred or humiliation"),
    Complaint.ADULT: N_("For adults, without the 18+ mark"),
    Complaint.REAL_PERSON: N_("A real person without their consent"),
    Complaint.SPAM: N_("Advertising or deceit"),
    Complaint.OTHER: N_("The rules of this site"),
}

TEMPLATES: dict[Complaint, str] = {
    Complaint.CHILDREN: N_("Sexual content involving minors has no place here, in any form or in any story."),
    Complaint.VIOLENCE: N_("Calls to real violence and cruelty for its own sake have no place here."),
    Complaint.HATE: N_("People are humiliated here for who they are. That has no place in Beseda."),
    Complaint.ADULT: N_("This is for adults only and has to carry the 18+ mark."),
    Complaint.REAL_PERSON: N_("This shows a real person who did not agree to it."),
    Complaint.SPAM: N_("This is advertising or an attempt to deceive people."),
    Complaint.OTHER: N_("This is against the rules of Beseda."),
}
