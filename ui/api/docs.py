"""API documentation: Swagger UI at /docs from our own host; nothing is fetched from elsewhere (our CSP forbids it)."""

import asyncio

from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse

from ui.api.application import description_of
from ui.request.assets import asset

SWAGGER_UI = "/assets/vendor/swagger-ui-5.34.0"
"""The version stands in the address: what browsers keep for ever is another file after an upgrade."""


def docs(api: FastAPI) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/openapi.json")
    async def openapi() -> JSONResponse:
        description = await asyncio.to_thread(description_of, api)  # a fifth of a second, the first time
        return JSONResponse(description)

    @router.get("/docs")
    async def swagger() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title="Beseda: API",
            swagger_js_url=f"{SWAGGER_UI}/swagger-ui-bundle.js",
            swagger_css_url=f"{SWAGGER_UI}/swagger-ui.css",
            swagger_favicon_url=asset("icons/favicon.svg"),
            swagger_ui_parameters={"validatorUrl": None},
        )

    return router
