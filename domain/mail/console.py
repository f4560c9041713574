"""Console mail transport: without a mail server, mails are printed in the server's log, in a frame that is hard to
overlook.
"""

from __future__ import annotations

import logging

from domain.mail.letters import Mail

log = logging.getLogger("beseda.mail")


class ConsoleMailer:
    def __init__(self) -> None:
        log.setLevel(logging.WARNING)  # whatever LOG_LEVEL says: nobody could sign up otherwise

    async def send(self, letter: Mail) -> None:
        lines = [f"To: {letter.to}", f"Subject: {letter.subject}", "", *letter.text.splitlines()]
        # Unlike a link in an access log, this is the mail itself: without SMTP the log is the only way to deliver it.
        for line in _framed(lines):  # one record per line: within a record the log escapes line breaks
            log.warning("%s", line)


def _framed(lines: list[str]) -> list[str]:
    width = max(map(len, lines))
    return [f"┌─{'─' * width}─┐", *(f"│ {line:{width}} │" for line in lines), f"└─{'─' * width}─┘"]
