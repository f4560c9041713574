"""Sample data, users: with an undeliverable address and no password, so that nobody can log in as one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from domain.email_address import email_key
from domain.model.user import FormOfAddress, PersonGender, User
from domain.sample_data.dates import moment_between
from domain.sample_data.names import Name, somebody
from storage.bulk import Row

YEAR = timedelta(days=365)
SAYS_GENDER, SAYS_ADDRESS, SAYS_SURNAME = 0.8, 0.4, 0.6


@dataclass(frozen=True, slots=True)
class Person:
    """The properties of an added user that the other generators need."""

    id: int
    is_woman: bool
    created_at: datetime


@dataclass(frozen=True)
class Newcomer:
    """A user without an id yet."""

    name: Name
    row: Row

    def settled(self, user_id: int) -> Row:
        email = f"{self.name.latin}.{user_id}@example.invalid"
        return self.row | {"id": user_id, "email": email, "email_key": email_key(email)}


def newcomer(chance: Random, now: datetime) -> Newcomer:
    """A user who signed up within the last year, with growing frequency."""
    name = somebody(chance)
    return Newcomer(
        name,
        User(
            display_name=name.full if chance.random() < SAYS_SURNAME else name.first,
            gender=_gender(chance, name),
            form_of_address=_form_of_address(chance),
            created_at=moment_between(chance, now - YEAR * (1 - chance.random() ** 2), now),
        ).model_dump(),
    )


def _gender(chance: Random, name: Name) -> PersonGender:
    if chance.random() > SAYS_GENDER:
        return PersonGender.UNSAID
    return PersonGender.FEMALE if name.is_woman else PersonGender.MALE


def _form_of_address(chance: Random) -> FormOfAddress:
    if chance.random() > SAYS_ADDRESS:
        return FormOfAddress.UNSAID
    return chance.choice((FormOfAddress.INFORMAL, FormOfAddress.FORMAL))
