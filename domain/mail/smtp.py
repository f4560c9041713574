"""Letters by SMTP, encrypted unless told otherwise. Foreign errors are translated here, at the door."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)
from email_validator import EmailNotValidError, validate_email

from domain.clock import now
from domain.mail.letters import Letter, NotTaken, Refused
from domain.settings import SmtpSecurity

TIMEOUT = 20  # seconds for each answer of the server
FOR_GOOD = range(500, 600)
"""Answers that another try will not change."""


class SmtpMailer:
    """`sender` is an address, with or without a name: «Беседа <beseda@example.org>». No `user`: no log-in."""

    def __init__(self, host: str, port: int, security: SmtpSecurity, *, user: str, password: str, sender: str) -> None:
        self._host = host
        self._port = port
        self._security = security
        self._user = user
        self._password = password
        name, address = parseaddr(sender)
        self._sender = _address(address, name)

    async def send(self, letter: Letter) -> None:
        recipient = _address(letter.to)
        message = self._message(letter, recipient)
        connection = SMTP(
            hostname=self._host,
            port=self._port,
            local_hostname=self._sender.domain,  # else the name of this machine is looked up, which may take long
            username=self._user or None,
            password=self._password or None,
            use_tls=self._security == "tls",
            start_tls=self._security == "starttls",
            timeout=TIMEOUT,
        )
        try:
            async with connection:
                await self._hand_in(connection, message, recipient)
        except (SMTPException, OSError) as error:  # a certificate that does not fit is an OSError
            raise NotTaken(_in_short(error)) from error

    async def _hand_in(self, connection: SMTP, message: EmailMessage, recipient: Address) -> None:
        try:
            await connection.send_message(message, sender=self._sender.addr_spec, recipients=[recipient.addr_spec])
        except SMTPRecipientsRefused as refused:
            [error] = refused.recipients
            if error.code in FOR_GOOD:
                raise Refused(_in_short(error)) from error
            raise error from refused
        except SMTPDataError as error:
            if error.code in FOR_GOOD:
                raise Refused(_in_short(error)) from error
            raise
        except SMTPNotSupported as error:
            raise Refused("the server takes no addresses beyond ASCII") from error

    def _message(self, letter: Letter, recipient: Address) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = recipient
        message["Subject"] = " ".join(letter.subject.split())  # no line of ours begins a header of somebody else's
        message["Date"] = format_datetime(now())
        message["Message-ID"] = make_msgid(domain=self._sender.domain)
        message["Auto-Submitted"] = "auto-generated"  # "I am on holiday" need not be answered to us
        message.set_content(letter.text)
        if letter.html:
            message.add_alternative(letter.html, subtype="html")
        return message


def _address(text: str, name: str = "") -> Address:
    """With its domain in ASCII, as machines want it; raises `Refused` for what is no address, such as two lines."""
    try:
        read = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Refused("this is no address") from error
    return Address(name, read.local_part, read.ascii_domain)


def _in_short(error: Exception) -> str:
    """For the log. The server's own words may repeat the address, so they stay out."""
    code = f" {error.code}" if isinstance(error, SMTPResponseException) else ""
    return f"{type(error).__name__}{code}"
