"""Audit log labels: the codes of its actions in words."""

from __future__ import annotations

from domain.language import N_, Texts

ACTIONS = {
    "user.warned": N_("warned a person"),
    "user.hidden": N_("hid a person's characters"),
    "user.silenced": N_("set a person to read-only"),
    "user.blocked": N_("blocked a person"),
    "user.quota_set": N_("changed a person's quota"),
    "user.signed_out": N_("ended a person's sessions"),
    "user.left_under_measure": N_("deleted their account while a measure was in force"),
    "user.came_back": N_("came back after deleting an account under a measure"),
    "user.made_admin": N_("made a person an admin"),
    "user.made_no_admin": N_("took away a person's admin rights"),
    "character.hidden": N_("hid a character"),
    "character.sent_to_mend": N_("sent a character back to be fixed"),
    "character.blocked": N_("blocked a character"),
    "character.changed": N_("changed somebody's character"),
    "character.deleted": N_("deleted somebody's character"),
    "character.restored": N_("brought somebody's character back"),
    "dialog.opened": N_("opened a conversation"),
    "report.taken": N_("took a report"),
    "report.postponed": N_("postponed a report"),
    "report.upheld": N_("upheld a report"),
    "report.rejected": N_("rejected a report"),
    "appeal.made": N_("appealed"),
    "appeal.granted": N_("granted an appeal"),
    "appeal.refused": N_("refused an appeal"),
    "note.added": N_("added a note"),
    "announcement.made": N_("made an announcement"),
    "announcement.changed": N_("changed an announcement"),
    "announcement.ended": N_("ended an announcement"),
    "journal.exported": N_("saved the journal as a file"),
}
LIFTED = ".lifted"
TARGETS = {
    "user": N_("person"),
    "character": N_("character"),
    "dialog": N_("conversation"),
    "report": N_("report"),
    "appeal": N_("appeal"),
    "announcement": N_("announcement"),
    "journal": N_("journal"),
}


def action_label(_: Texts, code: str) -> str:
    """A code that has no words yet is shown as it is."""
    if code.endswith(LIFTED):
        return _("lifted: {action}", action=_(ACTIONS.get(code.removesuffix(LIFTED), code)))
    return _(ACTIONS.get(code, code))


def target_words(_: Texts, kind: str) -> str:
    return _(TARGETS.get(kind, kind)) if kind else ""
