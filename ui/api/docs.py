"""API documentation: Swagger UI at /docs from our own host; nothing is fetched from elsewhere (our CSP forbids it)."""

from fastapi import APIRouter
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse

from ui.api.json_api import JsonApi
from ui.request.assets import asset

SWAGGER_UI = "/assets/vendor/swagger-ui-5.34.0"
"""Path of Swagger UI. It contains the version, since browsers cache these files for ever."""


def docs(api: JsonApi) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/openapi.json")
    async def openapi() -> JSONResponse:
        return JSONResponse(await api.description())

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
