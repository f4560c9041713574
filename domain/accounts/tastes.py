"""Tastes: the part of the profile that decides which characters a person is shown."""

from __future__ import annotations

from dataclasses import dataclass

from domain.clock import now
from domain.errors import Invalid
from domain.language import N_
from domain.model.interest import check_interests, clean_interests
from domain.model.user import GROWN_UP, PERSON_INTERESTS_LIMIT, is_surely_adult

EARLIEST = 1900
DIGITS = 4


@dataclass(frozen=True)
class Tastes:
    """As typed. An empty `birth_year` is not given."""

    birth_year: str = ""
    interests: tuple[str, ...] = ()
    shows_adult: bool = False

    def checked(self) -> tuple[dict[str, object], list[Invalid]]:
        """The fields in their clean form, and their errors."""
        errors: list[Invalid] = []
        year = self._year(errors)
        if self.shows_adult and not errors and not is_surely_adult(year):
            errors.append(
                Invalid(
                    "Characters marked 18+ are for people aged {years} and over: please enter your year of birth.",
                    field="birth_year",
                    years=GROWN_UP,
                )
            )
        interests = clean_interests(self.interests, PERSON_INTERESTS_LIMIT)
        errors += check_interests(interests, PERSON_INTERESTS_LIMIT)
        return {"birth_year": year, "interests": interests, "shows_adult": self.shows_adult}, errors

    def _year(self, errors: list[Invalid]) -> int | None:
        typed = self.birth_year.strip()
        if not typed:
            return None
        if len(typed) != DIGITS or not typed.isascii() or not typed.isdecimal():
            errors.append(Invalid("Please enter the year in four digits, such as 1990.", field="birth_year"))
            return None
        year, latest = int(typed), now().year
        if not EARLIEST <= year <= latest:
            text = N_("The year of birth must be between {earliest} and {latest}.")
            errors.append(Invalid(text, field="birth_year", earliest=EARLIEST, latest=latest))
            return None
        return year
