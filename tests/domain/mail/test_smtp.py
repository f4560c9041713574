"""SMTP: how a letter is sent, against a real mail server."""

from __future__ import annotations

import asyncio
import ssl
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from domain.clock import now
from domain.language import Texts
from domain.mail.letters import Mail, MailDeferred, MailRejected, log_in_letter
from domain.mail.smtp import SmtpMailer
from domain.settings.mail_settings import SmtpSecurity
from tests.mail_server import HOST, PASSWORD, USER, MailServer, self_made_certificate

# The server that takes passwords without TLS is the point of some tests here.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")

LINK = "https://beseda.test/log-in/a-token"
IRA = "ira@example.test"


def mailer(
    server: MailServer, security: SmtpSecurity = "none", *, user: str = "", password: str = "", sender: str = ""
) -> SmtpMailer:
    sender = sender or "Беседа <beseda@пример.test>"
    return SmtpMailer(HOST, server.port, security, user=user, password=password, sender=sender)


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    return self_made_certificate(tmp_path)[0]


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The same, but trusted by this machine, as an owner makes it trust their own mail server's."""
    context, file = self_made_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return context


async def test_a_letter_arrives_word_for_word_in_text_and_html() -> None:
    with MailServer() as server:
        await mailer(server).send(log_in_letter(Texts("ru"), IRA, LINK, "042137"))
    [letter] = server.letters
    assert (letter["To"], letter["From"]) == (IRA, "Беседа <beseda@xn--e1afmkfd.test>")
    assert letter["Subject"] == "Вход в «Беседу»: 042137"
    text, html = letter.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content_charset() == "utf-8"
    assert LINK in text.get_content().splitlines()
    assert "Здравствуйте" in text.get_content()
    assert f'<a href="{LINK}"' in html.get_content()
    assert "042137" in html.get_content()


async def test_a_letter_says_when_it_was_sent_and_that_a_machine_sent_it() -> None:
    with MailServer() as server:
        for _ in range(2):
            await mailer(server).send(Mail(IRA, "Тема", "Текст"))
    first, second = server.letters
    assert abs((parsedate_to_datetime(first["Date"]) - now()).total_seconds()) < 60
    assert first["Message-ID"].endswith("@xn--e1afmkfd.test>")
    assert first["Message-ID"] != second["Message-ID"]
    assert first["Auto-Submitted"] == "auto-generated"


async def test_a_subject_cannot_bring_headers_or_recipients_along() -> None:
    with MailServer() as server:
        await mailer(server).send(Mail(IRA, "Тема\r\nBcc: all@example.test\r\n\r\nOther text", "Текст"))
    [letter] = server.letters
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Тема Bcc: all@example.test Other text"
    assert server.envelopes[0].rcpt_tos == [IRA]


@pytest.mark.parametrize("to", [f"{IRA}\r\nBcc: all@example.test", f"{IRA}> <all@example.test", f"{IRA}, b@a.test", ""])
async def test_what_is_no_address_is_refused_before_anybody_is_asked(to: str) -> None:
    with MailServer() as server, pytest.raises(MailRejected):
        await mailer(server).send(Mail(to, "Тема", "Текст"))
    assert not server.letters


async def test_an_address_in_cyrillic_is_written_to() -> None:
    with MailServer() as server:
        await mailer(server).send(Mail("ира@пример.test", "Тема", "Текст"))
    assert server.envelopes[0].rcpt_tos == ["ира@xn--e1afmkfd.test"]


async def test_by_starttls_with_a_password(trusted: ssl.SSLContext) -> None:
    with MailServer(starttls=trusted, asks_password=True) as server:
        await mailer(server, "starttls", user=USER, password=PASSWORD).send(Mail(IRA, "Тема", "Текст"))
    assert len(server.letters) == 1
    assert server.log_ins == [USER.encode()]


async def test_by_tls_from_the_start(trusted: ssl.SSLContext) -> None:
    with MailServer(tls=trusted, asks_password=True) as server:
        await mailer(server, "tls", user=USER, password=PASSWORD).send(Mail(IRA, "Тема", "Текст"))
    assert len(server.letters) == 1


async def test_a_certificate_nobody_vouches_for_gets_neither_letter_nor_password(certificate: ssl.SSLContext) -> None:
    with MailServer(starttls=certificate, asks_password=True) as server, pytest.raises(MailDeferred):
        await mailer(server, "starttls", user=USER, password=PASSWORD).send(Mail(IRA, "Тема", "Текст"))
    assert not server.letters
    assert not server.log_ins


async def test_a_server_that_offers_no_encryption_gets_no_password() -> None:
    with MailServer(asks_password=True) as server, pytest.raises(MailDeferred):
        await mailer(server, "starttls", user=USER, password=PASSWORD).send(Mail(IRA, "Тема", "Текст"))
    assert not server.log_ins


async def test_a_wrong_password_is_worth_another_try_once_the_owner_has_mended_it() -> None:
    with MailServer(asks_password=True) as server, pytest.raises(MailDeferred) as failed:
        await mailer(server, user=USER, password="wrong").send(Mail(IRA, "Тема", "Текст"))
    assert not isinstance(failed.value, MailRejected)
    assert "535" in str(failed.value)


@pytest.mark.parametrize(("answer", "for_good"), [("550 no such user", True), ("451 later", False)])
@pytest.mark.parametrize("what", ["recipient", "text"])
async def test_a_refusal_is_for_good_only_if_the_server_says_so(answer: str, for_good: bool, what: str) -> None:
    with MailServer() as server:
        if what == "recipient":
            server.answers[IRA] = answer
        else:
            server.text_answer = answer
        with pytest.raises(MailDeferred) as failed:
            await mailer(server).send(Mail(IRA, "Тема", "Текст"))
    assert isinstance(failed.value, MailRejected) is for_good
    assert IRA not in str(failed.value)
    assert answer.split(maxsplit=1)[0] in str(failed.value)


async def test_nobody_at_the_door_is_told_as_our_own_error() -> None:
    with pytest.raises(MailDeferred):
        await mailer(MailServer()).send(Mail(IRA, "Тема", "Текст"))


async def test_letters_are_sent_side_by_side() -> None:
    with MailServer() as server:
        sender = mailer(server)
        await asyncio.gather(*(sender.send(Mail(f"a{n}@example.test", "Тема", "Текст")) for n in range(5)))
    assert {letter["To"] for letter in server.letters} == {f"a{n}@example.test" for n in range(5)}
