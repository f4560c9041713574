"""Fake mail server, real SMTP on loopback: it accepts letters, or refuses them as told, and shows what it got."""

from __future__ import annotations

import ipaddress
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.ports import free_port

HOST = "127.0.0.1"
USER, PASSWORD = "beseda", "a password for letters"
SOON = 60  # seconds


class MailServer:
    """`with MailServer() as server:` or start and stop by hand, as often as wanted: the port stays the same.

    `answers` maps recipients to the replies that refuse them: "550 no such user", "451 later"; `text_answer` refuses
    the text of a letter.
    """

    def __init__(
        self,
        *,
        starttls: ssl.SSLContext | None = None,
        tls: ssl.SSLContext | None = None,
        asks_password: bool = False,
    ) -> None:
        self.port = free_port()
        self.answers: dict[str, str] = {}
        self.text_answer = ""
        self.letters: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.log_ins: list[bytes] = []
        self._came = threading.Condition()
        self._options: dict[str, Any] = {
            "tls_context": starttls,
            "require_starttls": starttls is not None,
            "ssl_context": tls,
            "auth_required": asks_password,
            "auth_require_tls": False,
            "authenticator": self._check,
        }
        self._running: Controller | None = None

    def start(self) -> None:
        self._running = Controller(self, hostname=HOST, port=self.port, **self._options)
        self._running.start()

    def stop(self) -> None:
        if self._running:
            self._running.stop()
            self._running = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait_for(self, count: int) -> list[EmailMessage]:
        """All letters, once there are `count` of them."""
        return self._wait(lambda: len(self.letters) >= count, f"{count} letters")

    def wait_for_letter_to(self, address: str) -> EmailMessage:
        """The last letter to the address, once there is one."""
        found = self._wait(lambda: any(letter["To"] == address for letter in self.letters), f"a letter to {address}")
        return [letter for letter in found if letter["To"] == address][-1]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        if self.text_answer:
            return self.text_answer
        with self._came:
            self.envelopes.append(envelope)
            self.letters.append(message_from_bytes(envelope.original_content or b"", policy=policy.default))
            self._came.notify_all()
        return "250 OK"

    def _check(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: LoginPassword
    ) -> AuthResult:
        self.log_ins.append(given.login)
        return AuthResult(handled=False, success=(given.login, given.password) == (USER.encode(), PASSWORD.encode()))

    def _wait(self, is_so: Callable[[], bool], what: str) -> list[EmailMessage]:
        with self._came:
            assert self._came.wait_for(is_so, SOON), (
                f"{what} did not come; here: {[each['To'] for each in self.letters]}"
            )
            return list(self.letters)


def self_made_certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate for loopback: (the context of a server that shows it, the file by which clients trust it)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.test")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown, kept = folder / "certificate.pem", folder / "key.pem"
    shown.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    kept.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, kept)
    return context, shown
