"""Editor labels: names and hints of the fields, the tabs, the options to choose from."""

from __future__ import annotations

from typing import Any

from domain.characters.fields import BY_NAME, FIELDS, Tab, field_labels
from domain.characters.macros import FORMS
from domain.characters.writing_prompt import WritingTask
from domain.language import N_, Texts
from domain.llm.token_estimates import CHARACTERS_A_TOKEN
from domain.model.character import LONGEST_REPLY, PORTRAITS, SHORTEST_REPLY, AgeMark, Gender
from domain.pictures.photos import BYTES_LIMIT
from domain.settings.settings import Settings
from ui.widgets.labels import gender_sign, gender_words, language_words
from ui.widgets.photo_picker import photo_labels

ROWS = {"context": 6, "greeting": 5, "bio": 4, "notes": 4}
SAMPLE = N_(
    "{{char}} keeps a lighthouse on a northern island and knows the sea better than people. Speaks briefly and drily, "
    "says little about themselves and can talk about the sea for hours. Is glad of every guest but doesn't show it."
)
"""A text for beginners to start from: who the character is, how it speaks, what it wants."""
REPLY_TOKENS = 800
"""Tokens at which the choice of a reply length starts once the default is switched off."""


def editor_labels(_: Texts, settings: Settings, *, called: str | None, helps: bool, drafted_at: str) -> dict[str, Any]:
    """All props of ui/editor/editor_form.js except the character itself. `called` is the name of the saved character,
    if there is one.
    """
    return {
        "told": _told(_),
        "labels": _labels(_, called=called, drafted_at=drafted_at),
        "photo_labels": photo_labels(_),
        "options": _options(_, settings),
        "limits": {
            "photo": BYTES_LIMIT,
            "portraits": PORTRAITS,
            "interests": BY_NAME["interests"].most,
            "other_greetings": BY_NAME["other_greetings"].most,
            "examples": BY_NAME["examples"].most,
            "characters_a_token": CHARACTERS_A_TOKEN,
        },
        "drafted_at": drafted_at,
        "exists": called is not None,
        "helps": helps,
    }


def _told(_: Texts) -> dict[str, dict[str, Any]]:
    """Label and hint of each field."""
    always, instead = _("≈ {n} tokens in every request"), _("≈ {n} tokens with this greeting")
    told: dict[str, dict[str, Any]] = {
        "name": {"hint": "", "limit": BY_NAME["name"].limit, "required": True},
        "nickname": {
            "hint": _("If not by the name: stands for {{char}} in the texts"),
            "limit": BY_NAME["nickname"].limit,
        },
        "gender": {"hint": "", "required": True},
        "age_mark": {"hint": ""},
        "interests": {"hint": _("Type one and press Enter")},
        "teaser": _text("teaser", _("Shown on the card, under the name")),
        "bio": _text("bio", _("Shown in the gallery and on the character's page"), always),
        "context": _text("context", _("Who this is, how they speak, what they know. Only the model sees it"), always),
        "personality": _text("personality", _("In a few words: what they are like"), always),
        "scenario": _text("scenario", _("Where and how you meet"), always),
        "greeting": _text("greeting", _("Opens every chat. Leave empty to let the user start"), always),
        "other_greetings": _text("other_greetings", _("The user can flip through them"), instead),
        "examples": _text("examples", _("Show the model how they speak, with a few turns in each"), always),
        "after_history": _text("after_history", _("Sent to the model after the chat, before each reply"), always),
        "temperature": {"hint": _("Lower: steady and precise. Higher: livelier, with surprises.")},
        "reply_tokens": {"hint": _("The maximum length of a reply, in tokens. A hundred is about four lines")},
        "is_public": {"hint": ""},
        "language": {"hint": ""},
        "notes": _text("notes", _("Shown on the character's page. The model never sees them")),
    }
    labels = field_labels(_) | {"other_greetings": _("Another greeting")}  # the label above each of them
    return {name: {"label": labels[name], **each} for name, each in told.items()}


def _text(field: str, hint: str, tokens: str = "") -> dict[str, Any]:
    known = BY_NAME[field]
    return {
        "hint": hint,
        "limit": known.limit,
        "tokens": tokens,
        "required": known.is_required,
        "helps": known.is_helped,
        "fills": known.has_macros,
        "rows": ROWS.get(field, 3),
    }


def _options(_: Texts, settings: Settings) -> dict[str, Any]:
    tabs = {
        Tab.MAIN: _("Main"),
        Tab.CHARACTER: _("Personality"),
        Tab.SPEECH: _("Voice"),
        Tab.MODEL: _("Model"),
        Tab.PUBLICATION: _("Publishing"),
    }
    shown = [{"name": tab.value, "text": text, "fields": _names_on(tab)} for tab, text in tabs.items()]
    knowledge = {"name": "knowledge", "text": _("Knowledge"), "fields": []}  # saved separately: ui/books
    return {
        "tabs": [*shown[:-1], knowledge, shown[-1]],
        "genders": [
            {"value": "", "text": _("Choose…")},
            *({"value": gender.value, "text": word} for gender, word in gender_words(_).items()),
        ],
        "signs": {gender.value: gender_sign(gender) for gender in Gender},
        "age_marks": [{"value": mark.value, "text": mark.value} for mark in AgeMark],
        "languages": [
            {"value": "", "text": _("Detect from the text")},
            *({"value": language, "text": words} for language, words in language_words(_).items()),
        ],
        "visibility": [
            {"value": True, "text": _("Everyone"), "told": _("anyone can find it in the gallery")},
            {"value": False, "text": _("Only me"), "told": _("nobody but you and the admins can find or open it")},
        ],
        "macros": [{"value": form.text, "text": form.text, "told": _(form.told)} for form in FORMS],
        "wishes": [
            {"value": WritingTask.WRITE.value, "text": _("Write from the other fields")},
            {"value": WritingTask.SHORTEN.value, "text": _("Shorten")},
            {"value": WritingTask.CHECK.value, "text": _("Check for contradictions")},
        ],
        "temperature": {
            "usualLabel": _("Default: {value}", value=_.number(settings.temperature)),
            "usual": settings.temperature,
            "min": 0,
            "max": 1,
            "step": 0.1,
        },
        "reply_tokens": {
            "usualLabel": _("Default: {value}", value=_.number(settings.llm_max_reply_tokens)),
            "usual": REPLY_TOKENS,
            "min": SHORTEST_REPLY,
            "max": LONGEST_REPLY,
            "step": 50,
        },
    }


def _names_on(tab: Tab) -> list[str]:
    return [field.name for field in FIELDS if field.tab is tab]


def _labels(_: Texts, *, called: str | None, drafted_at: str) -> dict[str, str]:
    return _of_the_form(_, called=called, drafted_at=drafted_at) | _of_the_lists(_) | _of_the_help(_)


def _of_the_form(_: Texts, *, called: str | None, drafted_at: str) -> dict[str, str]:
    return {
        "title": _("New character") if called is None else _("Edit: {name}", name=called),
        "tabs": _("Parts of the character"),
        "tab_wrong": _("has errors"),
        "summary": _("Not saved. Please fix:"),
        "to_mend": _("An admin asked for changes:"),
        "from_draft": _("This is your draft from {time}.", time=drafted_at),
        "changed_twice": _("The character has been changed since you began this draft. Choose what to keep:"),
        "keep_mine": _("From the draft"),
        "take_theirs": _("As saved now"),
        "theirs": _("Show what is saved now"),
        "theirs_empty": _("Nothing."),
        "go_back": _("Revert to saved"),
        "discard": _("Discard draft"),
        "kept": _("draft saved at {time}"),
        "keeping": _("saving the draft…"),
        "not_kept": _("couldn't save the draft"),
        "save": _("Save"),
        "publish": _("Publish character"),
        "knows_nothing": _(
            "What the character knows is kept as a book of entries, which belongs to a saved character."
        ),
        "save_and_know": _("Save and go on here"),
        "other_ways": _("Other ways to save"),
        "sample": _(SAMPLE),
        "take_sample": _("Start from an example"),
        "undeclined": _(
            "{{user}} is inserted as it is, without declension: «{{user}}, заходи!» works, "
            "«говорит с {{user}}» doesn't."
        ),
        "save_and_chat": _("Save and start a chat"),
        "versions": _("Versions"),
        "duplicate": _("Duplicate"),
        "remove": _("Delete"),
        "gone": _("Character deleted. Existing chats can still be read."),
        "restore": _("Restore"),
        "to_mine": _("To my characters"),
        "macros": _("Insert a placeholder"),
        "macros_short": _("Insert"),
        "portraits": _("Or pick one of these portraits"),
        "portrait": _("Portrait"),
        "preview": _("Preview"),
        "to_form": _("Back to editing"),
        "preview_card": _("In the gallery"),
        "preview_first": _("Greeting"),
        "preview_silent": _("No greeting: the user starts."),
        "preview_model": _("What the model will see"),
        "nameless": _("No name yet"),
        "private": _("private"),
    }


def _of_the_lists(_: Texts) -> dict[str, str]:
    return {
        "more_greetings": _("Another greeting"),
        "remove_text": _("Remove greeting"),
        "up": _("Move up"),
        "down": _("Move down"),
        "remove_interest": _("Remove: {word}"),
        "suggestions": _("Suggestions"),
        "example": _("Example"),
        "more_examples": _("Example dialogue"),
        "remove_example": _("Remove example"),
        "more_turns": _("Turn"),
        "remove_turn": _("Remove turn"),
        "by": _("Speaker:"),
        "by_user": _("the user"),
        "by_char": _("the character"),
        "swap": _("Switch speaker"),
    }


def _of_the_help(_: Texts) -> dict[str, str]:
    return {
        "help": _("Get help from the model"),
        "help_short": _("Help"),
        "help_wait": _("The model is thinking…"),
        "help_old": _("Current"),
        "help_new": _("Suggested"),
        "help_found": _("What the model noticed"),
        "help_take": _("Replace"),
        "help_keep": _("Keep as is"),
        "cancel": _("Cancel"),
        "close": _("Close"),
    }
