"""Password policy and hashing."""

from __future__ import annotations

import threading

import pytest

from domain.accounts import passwords
from domain.accounts.passwords import check_new_password, hashed, matches, own_names
from domain.errors import Invalid
from domain.model.user import User

LONG = "ж2" * 128


@pytest.mark.parametrize(
    "password", ["kz7!qpwm", LONG, " с пробелом впереди", "👩‍🚀 летит", "correct horse battery staple", "\0\0\0\0нули"]
)
async def test_any_signs_will_do_from_8_to_256(password: str) -> None:
    await check_new_password(password, own=())


@pytest.mark.parametrize("password", ["", "kz7!qpw", LONG + "x", "x" * 1_000_000])
async def test_too_short_and_too_long_are_refused(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        await check_new_password(password, own=())
    assert refused.value.field == "password"
    assert str(refused.value) in (
        "A password must be at least 8 characters long.",
        "A password can be at most 256 characters long.",
    )


@pytest.mark.parametrize(
    "password",
    [
        *("password", "PassWord", "12345678", "qwertyuiop", "iloveyou1", "aaaaaaaaaaaa", "яяяяяяяяя", "        "),
        *("йцукенгш", "Пароль123", "парольпароль", "qwertyui"),
        *("йцукенгшщз", "привет123", "1q2w3e4r5t"),
    ],
)
async def test_what_others_try_first_is_refused(password: str) -> None:
    with pytest.raises(Invalid, match="first anyone would guess"):
        await check_new_password(password, own=())


IRA = User(email="irina.petrova@example.org", username="petrova_i", display_name="Ирина Петрова")


@pytest.mark.parametrize(
    "password",
    [
        *("irina.petrova@example.org", "Irina.Petrova@EXAMPLE.org", "irina.petrova", "IRINA PETROVA", "irinapetrova"),
        *("petrova_i", "Petrova-I", "Ирина Петрова", "ирина-петрова", "ИРИНАПЕТРОВА"),
        *("irina.petrova1", "!irina.petrova!", "petrova_i_77", "irina.petrovairina.petrova"),
        *("bhbyf gtnhjdf", "шкштф.зуекщмф"),  # in the other layout of the keyboard
    ],
)
async def test_the_own_name_or_address_is_no_password(password: str) -> None:
    with pytest.raises(Invalid, match="Your name or address is the first") as refused:
        await check_new_password(password, own=own_names(IRA))
    assert refused.value.field == "password"


@pytest.mark.parametrize(
    "password", ["irina.petrova ест суп", "petrova_i и её 12 котов", "petrova_i7кхщ", "example.org", "!?%#$^&*ъ1"]
)
async def test_a_password_with_more_to_it_may_hold_a_name(password: str) -> None:
    await check_new_password(password, own=own_names(IRA))


@pytest.mark.parametrize("name", [None, "", "я", "👩", "..."])
async def test_who_has_a_short_name_or_none_may_have_any_password(name: str | None) -> None:
    await check_new_password("kz7!qpwm", own=(name,))


async def test_the_common_passwords_are_not_loaded_on_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded_in = []

    def load() -> frozenset[str]:
        loaded_in.append(threading.get_ident())
        return frozenset({"kz7!qpwm"})

    monkeypatch.setattr(passwords, "_common_passwords", load)
    with pytest.raises(Invalid, match="first anyone would guess"):
        await check_new_password("kz7!qpwm", own=())
    assert len(loaded_in) == 1
    assert loaded_in != [threading.get_ident()]


async def test_a_password_is_exactly_what_was_typed() -> None:
    kept = await hashed(" Пароль Иры ")
    assert await matches(" Пароль Иры ", kept)
    for almost in ("Пароль Иры ", " Пароль Иры", " пароль иры ", " Пароль Иры \n"):
        assert not await matches(almost, kept)


async def test_every_sign_of_a_long_password_counts() -> None:
    kept = await hashed(LONG)
    assert await matches(LONG, kept)
    assert not await matches(LONG[:-1] + "!", kept)


async def test_the_same_password_is_kept_differently_each_time() -> None:
    assert await hashed(LONG) != await hashed(LONG)


async def test_signs_that_utf8_cannot_hold_are_only_a_wrong_password() -> None:
    assert not await matches("\udcff", await hashed("kz7!qpwm"))


@pytest.mark.parametrize("kept", [None, "", "spoilt", "$argon2id$v=19$m=1$"])
async def test_nothing_opens_an_account_without_a_readable_hash(kept: str | None) -> None:
    for password in ("", "spoilt", "nobody has this password"):
        assert not await matches(password, kept)
