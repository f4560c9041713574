"""API documentation: Swagger UI at /docs from our own host; nothing is fetched from elsewhere (our CSP forbids it)."""

from functools import cache
from importlib import resources

from fastapi import APIRouter, FastAPI, HTTPException
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse, Response

from ui.api.json.api import description_of

PACKAGE = "fastapi_swagger.resources"
"""Only its files are used: Swagger UI as its makers publish it."""
FILES = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}


def docs(api: FastAPI) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/openapi.json")
    async def openapi() -> JSONResponse:
        return JSONResponse(description_of(api))

    @router.get("/docs")
    async def swagger() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title="Beseda: API",
            swagger_js_url="/docs/swagger-ui-bundle.js",
            swagger_css_url="/docs/swagger-ui.css",
            swagger_favicon_url="/assets/icons/favicon.svg",
            swagger_ui_parameters={"validatorUrl": None},
        )

    @router.get("/docs/{name}")
    async def file(name: str) -> Response:
        if name not in FILES:
            raise HTTPException(404)
        return Response(_content(name), media_type=FILES[name])

    return router


@cache
def _content(name: str) -> bytes:
    return resources.files(PACKAGE).joinpath(name).read_bytes()
