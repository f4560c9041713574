"""Import reports in sentences: what was read, guessed, changed and left out, and what was kept though nothing here
shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from domain.books.book_room import LONGEST_BOOK, MOST_ENTRIES
from domain.books.matching.book_keys import MOST_KEYS
from domain.cards.faults import CardRemark, Remark
from domain.cards.reading import BookFile, CardFile
from domain.cards.write_card import STANDS_AT
from domain.characters.fields import BY_NAME, FIELDS, Kind
from domain.language import N_, Texts
from domain.llm.token_estimates import tokens_of
from domain.model.character import Gender

TEXTS = {Kind.LINE, Kind.TEXT, Kind.TEXTS, Kind.WORDS}
"""Kinds of fields whose texts a report shows."""
GUESSES = {Remark.GUESSED_GENDER, Remark.UNKNOWN_GENDER, Remark.GUESSED_AGE, Remark.UNKNOWN_AGE, Remark.NAMED_BY_FILE}
LOSSES = {
    *(Remark.LEFT_OUT, Remark.ENTRIES_LEFT_OUT, Remark.TAGS_LEFT_OUT, Remark.TAG_SHORTENED, Remark.SHORTENED),
    *(Remark.PORTRAIT_LEFT_OUT, Remark.ASSET_MISSING, Remark.ASSET_REMOTE),
}
SENTENCES = {
    Remark.NAMED_BY_FILE: N_("The card has no name, so the character is named after the file: “{name}”."),
    Remark.NEWER_VERSION: N_(
        "The card is in a newer version of the format, {version}. What is new in it was kept but not used."
    ),
    Remark.DAMAGED_CHUNK: N_("The card's text is slightly damaged (wrong checksum) but could be read."),
    Remark.SHORTENED: N_("“{field}” was too long and was shortened. A file exported from here has the whole text."),
    Remark.TAGS_LEFT_OUT: N_("Of {all} tags, {kept} became interests. A file exported from here has them all."),
    Remark.TAG_SHORTENED: N_(
        "The tag “{tag}” was too long and was shortened. A file exported from here has all of it."
    ),
    Remark.LEFT_OUT: N_("“{field}” could not be read and was left out."),
    Remark.COERCED: N_("“{field}” was written in an unusual way and was read as it was probably meant."),
    Remark.MERGED: N_("“{field}” was too long for its field and was added to “Who this is”."),
    Remark.GUESSED_GENDER: N_("The gender was guessed from the tags: {gender}."),
    Remark.UNKNOWN_GENDER: N_("The card doesn't give a gender. Please choose one."),
    Remark.GUESSED_AGE: N_("The age rating was guessed from the tags: {mark}."),
    Remark.UNKNOWN_AGE: N_("The card doesn't give an age rating, so it's 18+ until you choose another."),
    Remark.PORTRAIT_LEFT_OUT: N_("The portrait was left out: its picture is damaged, or has more than 40 megapixels."),
    Remark.ASSET_MISSING: N_("The card mentions a file that isn't in it: “{name}”."),
    Remark.ASSET_REMOTE: N_("“{name}” is only a link to the internet. It was kept, and nothing was downloaded."),
    Remark.FLAW: N_("Entry “{entry}”. {flaw}"),
}
IDLE = {Remark.FLAW, Remark.MORE_FLAWS, Remark.UNHEEDED}
GENDERS = {Gender.FEMALE: N_("female"), Gender.MALE: N_("male"), Gender.OTHER: N_("other")}
FIELD_OF = {stands_at: name for name, stands_at in STANDS_AT.items()} | {
    "description": "context",
    "system_prompt": "context",
    "mes_example": "examples",
}
"""Maps a field of a card to the field of a character that shows it."""
LONGEST_VALUE = 80
NOT_EDITED = {"character_book": N_("Lorebook"), "assets": N_("Other pictures and files")}
MOST_SENTENCES = 20
"""Maximum sentences of one kind: a file may give cause for thousands."""


@dataclass(frozen=True)
class FieldRead:
    """A field that the file filled in, and its length."""

    field: str
    label: str
    characters: int
    tokens: int


@dataclass(frozen=True)
class CardReport:
    """Sentences are whole, and in the reader's language. An empty list has nothing to say."""

    name: str
    read: list[FieldRead]
    summary: list[str]
    """Contents of the file: fields, book, portrait, other files."""
    guessed: list[str]
    changed: list[str]
    dropped: list[str]
    idle: list[str]
    """Parts of the lorebook that were imported but do nothing: keys that never fire, decorators that have no effect."""
    kept: list[str]
    """Names, as in the file, of the parts that are kept for the next export though nothing here shows them."""
    tokens: int
    """Estimated tokens of the fields that are in every prompt."""
    entries: int
    entries_on: int
    entry_tokens: int


def report_of(found: CardFile, _: Texts) -> CardReport:
    read = list(_fields_read(found.fields, _))
    entries = found.book.entries if found.book else []
    report = CardReport(
        name=found.fields["name"],
        read=read,
        summary=[],
        guessed=_sentences(found, GUESSES.__contains__, _),
        changed=_sentences(found, lambda kind: kind not in GUESSES | LOSSES | IDLE, _),
        dropped=_sentences(found, LOSSES.__contains__, _),
        idle=_idle(found.remarks, _),
        kept=found.kept,
        tokens=sum(each.tokens for each in read if each.field in EVERY_PROMPT),
        entries=len(entries),
        entries_on=sum(each.is_on for each in entries),
        entry_tokens=sum(each.tokens for each in entries),
    )
    report.summary.extend(_summary(report, _))
    return report


@dataclass(frozen=True)
class BookReport:
    """The same as `CardReport`, for a lorebook."""

    name: str
    summary: list[str]
    dropped: list[str]
    idle: list[str]
    entries: int
    entries_on: int
    entry_tokens: int


def report_of_book(found: BookFile, _: Texts) -> BookReport:
    entries = found.book.entries
    on, tokens = sum(each.is_on for each in entries), sum(each.tokens for each in entries)
    return BookReport(
        name=found.book.name,
        summary=[_entries_read(len(entries), on, tokens, _)],
        dropped=[_entries_left_out(found.left_out, _)] if found.left_out else [],
        idle=_idle(found.remarks, _),
        entries=len(entries),
        entries_on=on,
        entry_tokens=tokens,
    )


EVERY_PROMPT = {field.name for field in FIELDS if field.has_macros} - {"other_greetings"}


def _fields_read(fields: dict[str, Any], _: Texts) -> Iterable[FieldRead]:
    for field in FIELDS:
        value = fields.get(field.name)
        if field.kind in TEXTS and value:
            text = "\n".join(value) if isinstance(value, list) else str(value)
            yield FieldRead(field.name, _(field.label), len(text), tokens_of(text))


def _summary(report: CardReport, _: Texts) -> Iterable[str]:
    fields, tokens = len(report.read), _about(report.tokens, _)
    yield _.plural(
        "{n} field was read, {tokens} in every request.",
        "{n} fields were read, {tokens} in every request.",
        fields,
        tokens=tokens,
    )
    if report.entries:
        yield _entries_read(report.entries, report.entries_on, report.entry_tokens, _)


def _entries_read(entries: int, on: int, tokens: int, _: Texts) -> str:
    return _.plural(
        "The lorebook has {n} entry, {on} of them on, {tokens} in all.",
        "The lorebook has {n} entries, {on} of them on, {tokens} in all.",
        entries,
        on=_.number(on),
        tokens=_about(tokens, _),
    )


def _about(tokens: int, _: Texts) -> str:
    return _.plural("about {n} token", "about {n} tokens", tokens)


def _entries_left_out(over: int, _: Texts) -> str:
    return _.plural(
        "{n} entry of the lorebook was left out: a book has at most {entries} entries, {keys} keys and {tokens} "
        "tokens.",
        "{n} entries of the lorebook were left out: a book has at most {entries} entries, {keys} keys and {tokens} "
        "tokens.",
        over,
        entries=_.number(MOST_ENTRIES),
        keys=_.number(MOST_KEYS),
        tokens=_.number(LONGEST_BOOK),
    )


def _idle(remarks: Iterable[CardRemark], _: Texts) -> list[str]:
    return [_of_an_entry(each, _) for each in remarks if each.kind in IDLE]


def _of_an_entry(remark: CardRemark, _: Texts) -> str:
    values = remark.values
    match remark.kind:
        case Remark.MORE_FLAWS:
            return _.plural(
                "{n} more entry has keys that never fire: the table of the book shows it.",
                "{n} more entries have keys that never fire: the table of the book shows them.",
                values["n"],
            )
        case Remark.UNHEEDED:
            return _.plural(
                "“{name}” has no effect here ({n} entry). It was kept for the next export.",
                "“{name}” has no effect here ({n} entries). It was kept for the next export.",
                values["n"],
                name=values["name"],
            )
    flaw, entry = values["text"], values["entry"]
    told = {name: value for name, value in values.items() if name not in {"entry", "text"}}
    return _(SENTENCES[Remark.FLAW], entry=entry, flaw=_(flaw, **told))


def _sentences(found: CardFile, is_wanted: Callable[[Remark], bool], _: Texts) -> list[str]:
    wanted = [each for each in found.remarks if is_wanted(each.kind)]
    return [_sentence(each, found, _) for each in wanted[:MOST_SENTENCES]]


def _sentence(remark: CardRemark, found: CardFile, _: Texts) -> str:
    values: dict[str, object] = {name: str(value)[:LONGEST_VALUE] for name, value in remark.values.items()}
    values |= {"field": _field(remark.subject, _)}
    match remark.kind:
        case Remark.GUESSED_GENDER:
            gender = GENDERS[found.fields["gender"]]
            values |= {"gender": _(gender)}
        case Remark.GUESSED_AGE:
            values |= {"mark": found.fields["age_mark"]}
        case Remark.ENTRIES_LEFT_OUT:
            return _entries_left_out(remark.values["over"], _)
        case Remark.DAMAGED_CHUNK if remark.subject == "picture":
            return _("The picture is damaged and was left out. The card in it could be read.")
    return _(SENTENCES[remark.kind], **values)


def _field(subject: str, _: Texts) -> str:
    """The field's label in the editor; for a field that the editor does not have, its name in the file."""
    name = FIELD_OF.get(subject, subject)
    label = BY_NAME[name].label if name in BY_NAME else NOT_EDITED.get(name)
    return _(label) if label else name
