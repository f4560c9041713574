"""Character fields: their table, and that what it says of each is true."""

from __future__ import annotations

from domain.cards.card_fields import OWN_FIELDS
from domain.cards.writing import OF_A_CARD
from domain.characters.fields import EDITABLE, ERASED, FIELDS, SECRETS, Kind, of_kind
from domain.characters.validation import truncate
from domain.characters.writing_prompt import HELPED, WORDS
from domain.chat.prompts.prompt import what_the_model_sees
from domain.model.character import Character, Gender
from domain.model.user import PersonGender, User
from tests.domain.conftest import filled

KEPT_BY_THE_HOUSE = {
    *("id", "owner_id", "created_at", "updated_at", "deleted_at", "deleted_by_id"),
    *("is_blocked", "is_hidden", "is_to_mend"),
    "starter",
    *("name_key", "talks", "talkers", "votes_sum", "votes_count", "score"),
}
IRA = User(display_name="Ира", gender=PersonGender.FEMALE)


def test_every_column_of_a_character_is_in_the_table_or_kept_by_the_house() -> None:
    assert set(EDITABLE) == set(Character.model_fields) - KEPT_BY_THE_HOUSE


def test_what_the_model_alone_is_told_is_secret_and_every_secret_is_erased() -> None:
    hidden = {"context", "personality", "scenario", "examples", "after_history", "temperature", "reply_tokens"}
    assert set(SECRETS) == hidden
    assert set(ERASED) == hidden | {"other_greetings", "notes", "greeting", "nickname", "teaser", "interests", "bio"}
    assert not any(ERASED.values())


def test_macros_are_filled_where_the_editor_offers_them_and_nowhere_else() -> None:
    texts = {field.name: f"{field.name} {{{{user}}}}" for field in of_kind(Kind.LINE, Kind.TEXT)}
    seen = what_the_model_sees(filled(**texts, gender=Gender.MALE, examples=["examples {{user}}"]), IRA)
    for field in of_kind(Kind.LINE, Kind.TEXT, Kind.TEXTS):
        if field.name != "other_greetings":  # those are filled when a chat begins (tests/domain/chat/test_chat.py)
            assert (f"{field.name} Ира" in seen) == field.has_macros, field.name


def test_the_model_can_be_told_what_each_field_is_that_it_helps_with() -> None:
    assert set(WORDS) == set(HELPED) == {field.name for field in FIELDS if field.is_helped}


def test_each_field_has_its_place_in_a_card() -> None:
    """Otherwise export and import would lose it. A card has its picture beside it, and a file publishes nothing."""
    assert {*OF_A_CARD, *OWN_FIELDS} == {*EDITABLE} - {"picture_token", "is_public"}


def test_whatever_has_a_length_is_cut_to_it_in_a_preview() -> None:
    texts = {field.name: "ж" * (field.limit + 1) for field in of_kind(Kind.LINE, Kind.TEXT)}
    lists = {field.name: ["ж" * (field.limit + 1)] * (field.most + 1) for field in of_kind(Kind.TEXTS)}
    form = filled(**texts, **lists)
    truncate(form)
    for field in of_kind(Kind.LINE, Kind.TEXT):
        assert len(getattr(form, field.name)) == field.limit, field.name
    for field in of_kind(Kind.TEXTS):
        assert [len(each) for each in getattr(form, field.name)] == [field.limit] * field.most, field.name
