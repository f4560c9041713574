"""Bus check: do instances hear each other? One that hears its own words is heard by the others, too."""

from __future__ import annotations

import asyncio

from domain.checks.finding import Finding, Subject, Verdict
from domain.language import N_
from domain.secret import signing_secret
from domain.settings.settings import Settings
from storage.wire.select import wire_for

WITHIN = 5.0  # seconds


async def check_bus(settings: Settings) -> Finding:
    """For databases that several instances may work on."""
    up = asyncio.Event()
    wire = wire_for(settings.database, settings.bus_url, instance="check", secret=signing_secret(settings))
    wire.subscribe(lambda _kind, _data: None, up.set)
    await wire.start()
    try:
        async with asyncio.timeout(WITHIN):
            await up.wait()
    except TimeoutError:
        return Finding(
            Subject.BUS,
            Verdict.WRONG,
            N_("Instances do not hear each other: updates arrive late, when each next checks the database."),
            N_("Check BUS_URL, and whether its server is running and lets this machine in. The log says why."),
        )
    finally:
        await wire.close()
    return Finding(Subject.BUS, Verdict.OK, N_("What an instance says reaches the others."))
