"""Identity providers (OAuth 2, OpenID Connect): how each site is asked who a user is, and how its answer is read.

Declarations only: the exchange itself is in ui/account/sign_in/oauth_client.py, and its consequences are decided in
domain/accounts/identities.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from domain.language import N_
from domain.settings.settings import Settings

SUBJECT_LIMIT = 255

Answer = Mapping[str, Any]
"""A provider's user info: its JSON object, unchecked."""


class BrokenAnswer(Exception):
    """A provider's answer that is unusable; the text is safe for the log."""


@dataclass(frozen=True)
class ProviderProfile:
    """A user's identity at a provider. An address that the provider has not verified is worth nothing."""

    subject: str
    name: str = ""
    email: str = ""
    email_is_verified: bool = False


@dataclass(frozen=True)
class Provider:
    """`key` is used in our URLs and rows, `name` is a text of the catalogue.

    With an `issuer` it is an OpenID provider: its other endpoints are discovered, and it signs its answers. Without
    one, `authorize`, `token` and `user_info` are its three endpoints.
    """

    key: str
    name: str
    scope: str
    read: Callable[[Answer], ProviderProfile]
    issuer: str = ""
    authorize: str = ""
    token: str = ""
    user_info: str = ""
    user_info_form: tuple[str, ...] = ()
    """Form fields sent to `user_info`, out of `client_id` and `access_token`; if empty, it is read by GET."""
    emails: str = ""
    """Endpoint of the list of addresses, if separate; it is merged into the answer as `emails`."""
    brought_back: tuple[str, ...] = ()
    """Query parameters of the callback that `token` needs besides the code."""
    realm: str = ""
    """The namespace in which its subjects are unique, if it is not `key`."""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)

    @property
    def kept_as(self) -> str:
        """Its name in rows."""
        return self.realm or self.key

    def profile(self, answer: Answer) -> ProviderProfile:
        """Parse the answer; raises `BrokenAnswer` if it does not identify a user."""
        profile = self.read(answer)
        if not profile.subject or len(profile.subject) > SUBJECT_LIMIT or not profile.subject.isprintable():
            raise BrokenAnswer("the answer has no usable id")
        return profile


def switched_on(settings: Settings) -> tuple[Provider, ...]:
    """The providers whose id and secret are set, in the order people see them."""
    own = replace(
        OPENID,
        name=settings.oidc_name,
        issuer=settings.oidc_issuer,
        realm=f"oidc:{sha256(settings.oidc_issuer.encode()).hexdigest()[:24]}",
    )
    known = (
        (YANDEX, settings.yandex_client_id, settings.yandex_client_secret),
        (VK, settings.vk_client_id, settings.vk_client_secret),
        (GOOGLE, settings.google_client_id, settings.google_client_secret),
        (GITHUB, settings.github_client_id, settings.github_client_secret),
        (own, settings.oidc_client_id, settings.oidc_client_secret),
    )
    return tuple(
        replace(provider, client_id=client_id, client_secret=secret.get_secret_value())
        for provider, client_id, secret in known
        if client_id
    )


def _text(answer: Answer, name: str) -> str:
    value = answer.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _first(answer: Answer, *names: str) -> str:
    return next((found for name in names if (found := _text(answer, name).strip())), "")


_YANDEX_MAIL = {"ya.ru", *(f"yandex.{zone}" for zone in ("ru", "com", "by", "kz", "uz", "com.tr"))}


def _of_yandex(answer: Answer) -> ProviderProfile:
    """Yandex does not say whether it has verified an address; it vouches only for its own mailboxes."""
    email = _text(answer, "default_email")
    return ProviderProfile(
        subject=_text(answer, "id"),
        name=_first(answer, "display_name", "real_name", "first_name", "login"),
        email=email,
        email_is_verified=email.rpartition("@")[2].lower() in _YANDEX_MAIL,
    )


def _of_vk(answer: Answer) -> ProviderProfile:
    """VK does not say whether it has verified an address (its `verified` is about famous people)."""
    user = answer.get("user")
    user = user if isinstance(user, dict) else {}
    name = f"{_text(user, 'first_name')} {_text(user, 'last_name')}"
    return ProviderProfile(subject=_text(user, "user_id"), name=name.strip(), email=_text(user, "email"))


def _of_github(answer: Answer) -> ProviderProfile:
    emails = answer.get("emails")
    checked = [
        each["email"]
        for each in (emails if isinstance(emails, list) else [])
        if isinstance(each, dict) and each.get("primary") is True and each.get("verified") is True and "email" in each
    ]
    return ProviderProfile(
        subject=_text(answer, "id"),
        name=_first(answer, "name", "login"),
        email=str(checked[0]) if checked else "",
        email_is_verified=bool(checked),
    )


def _of_openid(answer: Answer) -> ProviderProfile:
    return ProviderProfile(
        subject=_text(answer, "sub"),
        name=_first(answer, "name", "nickname", "preferred_username", "given_name"),
        email=_text(answer, "email"),
        email_is_verified=answer.get("email_verified") in (True, "true"),
    )


# Addresses and scopes: yandex.ru/dev/id, id.vk.com/about/business, developers.google.com/identity, docs.github.com.
YANDEX = Provider(
    key="yandex",
    name=N_("Yandex"),
    scope="login:info login:email",
    read=_of_yandex,
    authorize="https://oauth.yandex.ru/authorize",
    token="https://oauth.yandex.ru/token",  # noqa: S106 - an address
    user_info="https://login.yandex.ru/info?format=json",
)
VK = Provider(
    key="vk",
    name=N_("VK ID"),
    scope="vkid.personal_info email",
    read=_of_vk,
    authorize="https://id.vk.ru/authorize",
    token="https://id.vk.ru/oauth2/auth",  # noqa: S106 - an address
    user_info="https://id.vk.ru/oauth2/user_info",
    user_info_form=("client_id", "access_token"),
    brought_back=("device_id",),
)
GOOGLE = Provider(
    key="google",
    name=N_("Google"),
    scope="openid email profile",
    read=_of_openid,
    issuer="https://accounts.google.com",
)
GITHUB = Provider(
    key="github",
    name=N_("GitHub"),
    scope="read:user user:email",
    read=_of_github,
    authorize="https://github.com/login/oauth/authorize",
    token="https://github.com/login/oauth/access_token",  # noqa: S106 - an address
    user_info="https://api.github.com/user",
    emails="https://api.github.com/user/emails",
)
OPENID = Provider(key="oidc", name="OpenID", scope="openid email profile", read=_of_openid)
"""Any OpenID provider run by the operator: Keycloak, Authentik, Zitadel … Its issuer is a setting."""
