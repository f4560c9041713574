"""Storage check: can pictures be kept where PICTURES_URL says? Something small is written there, read and deleted."""

from __future__ import annotations

import time

from domain.checks.finding import Finding, Subject, Verdict
from domain.language import N_
from domain.pictures.select import picture_files
from domain.settings.settings import Settings
from storage.files import FilesUnavailable


async def check_pictures(settings: Settings) -> Finding:
    begun = time.perf_counter()
    try:
        await picture_files(settings).check()
    except FilesUnavailable as error:
        return Finding(
            Subject.PICTURES,
            Verdict.WRONG,
            N_("The bucket does not answer, or refuses us ({cause})."),
            N_("Check PICTURES_URL, AWS_ENDPOINT_URL, AWS_REGION and the key, and what the key may do."),
            {"cause": str(error)},
        )
    milliseconds = (time.perf_counter() - begun) * 1000
    text = N_("The bucket takes pictures and gives them back; that took {ms} ms.")
    return Finding(Subject.PICTURES, Verdict.OK, text, values={"ms": milliseconds})
