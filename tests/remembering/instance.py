"""An instance of the product in a process of its own, without pages, which does the work that memory has left until it
is killed: `python -m tests.remembering.instance DATABASE LLM`.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.remembering.house import services_over

ROOT = Path(__file__).parents[2]


async def spawn(database_url: str, llm_url: str) -> asyncio.subprocess.Process:
    program = (sys.executable, "-m", __name__, database_url, llm_url)
    return await asyncio.create_subprocess_exec(*program, cwd=ROOT)


async def serve(database_url: str, llm_url: str) -> None:
    with TemporaryDirectory() as folder:
        services = services_over(Path(folder), database_url, llm_url, INSTANCE="killed")
        for job in services.in_background:
            await job.start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:3]))
