"""Fields about oneself, alike in the profile and where one gets acquainted."""

from __future__ import annotations

from nicegui import ui

from domain.language import Texts
from domain.model.user import FormOfAddress, PersonGender, User


def gender_field(_: Texts, person: User) -> ui.select:
    genders = {"": _("not specified"), PersonGender.FEMALE.value: _("female"), PersonGender.MALE.value: _("male")}
    return ui.select(genders, label=_("Gender"), value=person.gender.value).props("outlined")


def form_of_address_field(_: Texts, person: User) -> ui.select:
    forms = {
        "": _("no preference"),
        FormOfAddress.INFORMAL.value: _("informal («ты»)"),
        FormOfAddress.FORMAL.value: _("formal («вы»)"),
    }
    return ui.select(forms, label=_("How to address you in Russian"), value=person.form_of_address.value).props(
        "outlined"
    )


def year_field(_: Texts, person: User) -> ui.input:
    field = ui.input(_("Year of birth"), value=str(person.birth_year or ""))
    return field.props("outlined name=bday-year autocomplete=bday-year inputmode=numeric maxlength=4")
