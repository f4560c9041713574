"""Mail check: would the mail server take letters? It is asked as far as its log-in; nothing is sent."""

from __future__ import annotations

from domain.checks.finding import Finding, Subject, Verdict
from domain.language import N_
from domain.mail.select import mailer
from domain.settings.settings import Settings

WITHIN = 10.0  # seconds


async def check_mail(settings: Settings) -> Finding:
    from domain.mail.smtp import LogInRefused, NotEncrypted, SmtpFault, SmtpMailer

    transport = mailer(settings)
    if not isinstance(transport, SmtpMailer):
        return Finding(
            Subject.MAIL,
            Verdict.NOTE,
            N_("There is no mail server: emails are printed in the log."),
            N_("Set SMTP_HOST and MAIL_FROM, so that people get them."),
        )
    try:
        await transport.try_log_in(WITHIN)
    except LogInRefused:
        return _wrong(
            N_("The mail server rejects the username or password."),
            N_("Check SMTP_USER and SMTP_PASSWORD; some providers require an app password."),
        )
    except NotEncrypted:
        return _wrong(
            N_("The connection to the mail server cannot be encrypted."),
            N_("Check SMTP_SECURITY, SMTP_PORT and the server's certificate."),
        )
    except SmtpFault:
        return _wrong(
            N_("The mail server does not answer."),
            N_("Check SMTP_HOST and SMTP_PORT, and whether a firewall or the hosting provider blocks mail."),
        )
    text = N_("The mail server lets us in.") if settings.smtp_user else N_("The mail server answers.")
    return Finding(Subject.MAIL, Verdict.OK, text)


def _wrong(what: str, advice: str) -> Finding:
    return Finding(Subject.MAIL, Verdict.WRONG, what, advice)
