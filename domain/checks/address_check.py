"""Address check: does the address that people use lead here, and is it one for the net?"""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from domain.checks.finding import Finding, Subject, Verdict
from domain.language import N_
from domain.llm.model_server import NoAnswer, ask
from domain.settings.mail_settings import LOOPBACK
from domain.settings.settings import Settings

WITHIN = 10.0  # seconds
TO_EVERYBODY = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound


async def check_address(settings: Settings) -> Finding:
    host = urlsplit(settings.address).hostname or ""
    if not settings.public_url and settings.host in TO_EVERYBODY:
        return Finding(
            Subject.ADDRESS,
            Verdict.WRONG,
            N_("Beseda can be reached from other machines, but links in emails lead to this one."),
            N_("Set PUBLIC_URL to the address people use."),
        )
    if host in LOOPBACK and settings.host in TO_EVERYBODY:
        return Finding(
            Subject.ADDRESS,
            Verdict.NOTE,
            N_("Links in emails lead to this machine, so nobody else can open them."),
            N_("If people come from other machines, set PUBLIC_URL to the address they use."),
        )
    if host not in LOOPBACK and not settings.is_secure:
        return Finding(
            Subject.ADDRESS,
            Verdict.WRONG,
            N_("PUBLIC_URL begins with http://: passwords would cross the network unencrypted."),
            N_("Put a proxy with a certificate in front of Beseda and use https://."),
        )
    try:
        answer = await asyncio.to_thread(ask, f"{settings.address}/healthz", within=WITHIN)
    except NoAnswer:
        return Finding(
            Subject.ADDRESS,
            Verdict.NOTE,
            N_("Nobody answers there now."),
            N_("If the server is running, check PUBLIC_URL, the proxy and its certificate."),
        )
    if "database" in answer.body:
        return Finding(Subject.ADDRESS, Verdict.OK, N_("Beseda answers there."))
    return Finding(Subject.ADDRESS, Verdict.WRONG, N_("Somebody else answers there."), N_("Check PUBLIC_URL."))
