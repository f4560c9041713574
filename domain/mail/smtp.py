"""SMTP mail transport: encrypted unless configured otherwise. The library's exceptions are translated here."""

from __future__ import annotations

import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)
from email_validator import EmailNotValidError, validate_email

from domain.clock import now
from domain.mail.letters import Mail, MailDeferred, MailRejected
from domain.settings.mail_settings import SmtpSecurity

TIMEOUT = 20  # timeout in seconds for each response of the server
FOR_GOOD = range(500, 600)
"""Permanent response codes, for which a retry is pointless."""


class SmtpFault(Exception):
    """No mail would be accepted: the server does not answer, or `LogInRefused`, or `NotEncrypted`."""


class LogInRefused(SmtpFault):
    """The mail server does not accept the user and password."""


class NotEncrypted(SmtpFault):
    """The connection cannot be encrypted as the settings ask, or the certificate is not valid."""


class SmtpMailer:
    """`sender` is an address, with or without a name: «Беседа <beseda@example.org>». Without `user` there is no
    log-in.
    """

    def __init__(self, host: str, port: int, security: SmtpSecurity, *, user: str, password: str, sender: str) -> None:
        self._host = host
        self._port = port
        self._security = security
        self._user = user
        self._password = password
        name, address = parseaddr(sender)
        self._sender = _address(address, name)

    async def send(self, letter: Mail) -> None:
        recipient = _address(letter.to)
        message = self._message(letter, recipient)
        connection = self._connection(TIMEOUT)
        try:
            async with connection:
                await self._hand_in(connection, message, recipient)
        except (SMTPException, OSError) as error:  # an invalid certificate is an OSError
            raise MailDeferred(_in_short(error)) from error

    async def try_log_in(self, within: float) -> None:
        """Connect, encrypt and log in, send nothing; raises `SmtpFault`."""
        try:
            async with self._connection(within):
                pass
        except SMTPAuthenticationError as error:
            raise LogInRefused from error
        except (SMTPException, OSError) as error:
            raise _why_no_connection(error) from error

    def _connection(self, timeout: float) -> SMTP:
        return SMTP(
            hostname=self._host,
            port=self._port,
            local_hostname=self._sender.domain,  # otherwise this machine's host name is looked up, which may take long
            username=self._user or None,
            password=self._password or None,
            use_tls=self._security == "tls",
            start_tls=self._security == "starttls",
            timeout=timeout,
        )

    async def _hand_in(self, connection: SMTP, message: EmailMessage, recipient: Address) -> None:
        try:
            await connection.send_message(message, sender=self._sender.addr_spec, recipients=[recipient.addr_spec])
        except SMTPRecipientsRefused as refused:
            [error] = refused.recipients
            if error.code in FOR_GOOD:
                raise MailRejected(_in_short(error)) from error
            raise error from refused
        except SMTPDataError as error:
            if error.code in FOR_GOOD:
                raise MailRejected(_in_short(error)) from error
            raise
        except SMTPNotSupported as error:
            raise MailRejected("the server takes no addresses beyond ASCII") from error

    def _message(self, letter: Mail, recipient: Address) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = recipient
        message["Subject"] = " ".join(letter.subject.split())  # no injection of headers by line breaks
        message["Date"] = format_datetime(now())
        message["Message-ID"] = make_msgid(domain=self._sender.domain)
        message["Auto-Submitted"] = "auto-generated"  # suppresses automatic replies such as "I am on holiday"
        message.set_content(letter.text)
        if letter.html:
            message.add_alternative(letter.html, subtype="html")
        return message


def _address(text: str, name: str = "") -> Address:
    """The address with its domain in ASCII; raises `MailRejected` for an invalid address, such as two lines."""
    try:
        read = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise MailRejected("this is no address") from error
    return Address(name, read.local_part, read.ascii_domain)


def _why_no_connection(error: Exception) -> SmtpFault:
    """Find the cause, which the library wraps, sometimes twice."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError) or (isinstance(cause, SMTPException) and "STARTTLS" in str(cause)):
            return NotEncrypted()
        cause = cause.__cause__ or cause.__context__
    return SmtpFault()


def _in_short(error: Exception) -> str:
    """A short description for the log. The server's own message may contain the address, so it is left out."""
    code = f" {error.code}" if isinstance(error, SMTPResponseException) else ""
    return f"{type(error).__name__}{code}"
