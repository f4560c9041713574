"""Leak check: `python -m tests.ui.access.leftovers` starts the product without garbage collection.

On SIGUSR1 it writes to the file `LEFTOVERS` what of NiceGUI's objects only a collection would free: a JSON object with
the number of pages, of elements, and of pages that are still kept.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import uvicorn
from nicegui import Client
from nicegui.element import Element

import main


def write_down() -> None:
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    gc.set_debug(0)
    dead = {
        "pages": sum(isinstance(each, Client) for each in gc.garbage),
        "elements": sum(isinstance(each, Element) for each in gc.garbage),
        "kept": len(Client.instances),
    }
    gc.garbage.clear()
    file = Path(os.environ["LEFTOVERS"])
    file.with_suffix(".new").write_text(json.dumps(dead))
    file.with_suffix(".new").replace(file)


class Server(uvicorn.Server):
    async def serve(self, sockets: Any = None) -> None:
        gc.disable()
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, write_down)
        await super().serve(sockets)


if __name__ == "__main__":
    uvicorn.Server = Server  # type: ignore[misc] # the one that main.py starts
    sys.exit(main.main())
