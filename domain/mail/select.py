"""Mail transport factory: chooses how mails are sent, by the settings."""

from __future__ import annotations

from domain.mail.letters import Mailer
from domain.settings.settings import Settings


def mailer(settings: Settings) -> Mailer:
    """The configured transport: a mail server, or the log if none is configured."""
    if settings.prints_letters:
        from domain.mail.console import ConsoleMailer

        return ConsoleMailer()
    from domain.mail.smtp import SmtpMailer

    return SmtpMailer(
        settings.smtp_host,
        settings.smtp_port,
        settings.mail_security,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
        sender=settings.mail_from,
    )
