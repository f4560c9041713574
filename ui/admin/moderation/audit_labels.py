"""Audit log labels: the codes of its actions in words."""

from __future__ import annotations

from domain.language import N_, Texts

ACTIONS = {
    "user.warned": N_("warned a user"),
    "user.hidden": N_("hid a user's characters"),
    "user.silenced": N_("made a user read-only"),
    "user.blocked": N_("blocked a user"),
    "user.quota_set": N_("changed a user's quota"),
    "user.signed_out": N_("ended a user's sessions"),
    "user.left_under_measure": N_("deleted their account while under a measure"),
    "user.came_back": N_("came back after deleting an account under a measure"),
    "user.made_admin": N_("made a user an admin"),
    "user.made_no_admin": N_("removed a user's admin rights"),
    "character.hidden": N_("hid a character"),
    "character.sent_to_mend": N_("sent a character back for changes"),
    "character.blocked": N_("blocked a character"),
    "character.viewed": N_("looked at someone's private character"),
    "character.changed": N_("edited someone's character"),
    "character.deleted": N_("deleted someone's character"),
    "character.restored": N_("restored someone's character"),
    "world.viewed": N_("looked at someone's world"),
    "dialog.opened": N_("opened a conversation"),
    "report.taken": N_("took a report"),
    "report.postponed": N_("snoozed a report"),
    "report.upheld": N_("accepted a report"),
    "report.rejected": N_("rejected a report"),
    "appeal.made": N_("appealed"),
    "appeal.granted": N_("granted an appeal"),
    "appeal.refused": N_("rejected an appeal"),
    "note.added": N_("added a note"),
    "announcement.made": N_("published an announcement"),
    "announcement.changed": N_("edited an announcement"),
    "announcement.ended": N_("ended an announcement"),
    "page.changed": N_("edited a site page"),
    "page.restored": N_("restored an old version of a site page"),
    "journal.exported": N_("exported the audit log"),
}
LIFTED = ".lifted"
TARGETS = {
    "user": N_("user"),
    "character": N_("character"),
    "world": N_("world"),
    "dialog": N_("conversation"),
    "report": N_("report"),
    "appeal": N_("appeal"),
    "announcement": N_("announcement"),
    "journal": N_("audit log"),
    "page": N_("site page"),
}


def action_label(_: Texts, code: str) -> str:
    """A code that has no words yet is shown as it is."""
    if code.endswith(LIFTED):
        return _("lifted: {action}", action=_(ACTIONS.get(code.removesuffix(LIFTED), code)))
    return _(ACTIONS.get(code, code))


def target_words(_: Texts, kind: str) -> str:
    return _(TARGETS.get(kind, kind)) if kind else ""
