"""Mail settings. Without an SMTP server, mail is printed in the log."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings

from domain.email_address import is_sender
from domain.settings.setting_types import Port

SmtpSecurity = Literal["starttls", "tls", "none"]
TLS_FROM_THE_START = 465
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class MailSettings(BaseSettings):
    smtp_host: str = ""
    smtp_port: Port = 587
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_security: SmtpSecurity | None = None
    mail_from: str = ""

    @model_validator(mode="after")
    def _letters_can_be_sent(self) -> Self:
        password = self.smtp_password.get_secret_value()
        if bool(self.smtp_user) != bool(password):
            raise ValueError("SMTP_USER and SMTP_PASSWORD go together: one of them is missing")
        if not self.smtp_host:
            if self.smtp_user or self.mail_from:
                raise ValueError("SMTP_HOST is missing: without it letters are only printed in the log")
            return self
        if not is_sender(self.mail_from):
            raise ValueError("MAIL_FROM must be the address letters come from, such as Beseda <beseda@example.org>")
        if password and self.mail_security == "none" and self.smtp_host not in LOOPBACK:
            raise ValueError("SMTP_SECURITY=none would send SMTP_PASSWORD for everybody to read")
        return self

    @property
    def prints_letters(self) -> bool:
        """Whether mail is printed in the server's log, so that a page can say where to look."""
        return not self.smtp_host

    @property
    def mail_security(self) -> SmtpSecurity:
        """Encryption of the connection to the mail server; derived from the port if not set."""
        return self.smtp_security or ("tls" if self.smtp_port == TLS_FROM_THE_START else "starttls")
