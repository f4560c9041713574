"""Health checks for proxies and orchestrators, without a log-in and as often as they like.

`/livez` says that the process answers; whoever restarts on it must not restart all for a database that is away.
`/readyz` says whether to send people here (domain/checks/readiness.py); `/healthz` is its older name.
"""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse

from domain.checks.readiness import Readiness
from ui.request.http import NOT_KEPT

LIVE, READY, HEALTHY = PROBED = ("/livez", "/readyz", "/healthz")
METHODS = ["GET", "HEAD"]


def health_checks(readiness: Readiness) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.api_route(LIVE, methods=METHODS)
    async def live() -> PlainTextResponse:
        return PlainTextResponse("ok", headers=NOT_KEPT)

    @router.api_route(READY, methods=METHODS)
    @router.api_route(HEALTHY, methods=METHODS)
    async def ready() -> JSONResponse:
        report = await readiness.report()
        return JSONResponse(asdict(report), 200 if report.is_ready else 503, headers=NOT_KEPT)

    return router
