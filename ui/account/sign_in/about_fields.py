"""Fields about the person, shared by the profile and the welcome page."""

from __future__ import annotations

from nicegui import ui

from domain.language import Texts
from domain.model.user import FormOfAddress, PersonGender, User
from ui.widgets.choice_field import ChoiceField


def gender_field(_: Texts, person: User) -> ChoiceField:
    genders = {"": _("not specified"), PersonGender.FEMALE.value: _("female"), PersonGender.MALE.value: _("male")}
    return ChoiceField(genders, label=_("Gender"), value=person.gender.value)


def form_of_address_field(_: Texts, person: User) -> ChoiceField:
    forms = {
        "": _("no preference"),
        FormOfAddress.INFORMAL.value: _("informal («ты»)"),
        FormOfAddress.FORMAL.value: _("formal («вы»)"),
    }
    return ChoiceField(forms, label=_("How to address you in Russian"), value=person.form_of_address.value)


def year_field(_: Texts, person: User) -> ui.input:
    field = ui.input(_("Year of birth"), value=str(person.birth_year or ""))
    return field.props("outlined name=bday-year autocomplete=bday-year inputmode=numeric maxlength=4")
