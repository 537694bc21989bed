"""The hub's pages without its janitor, which would look for 100,000 repositories; a constant page is their floor."""

from fastapi import FastAPI
from starlette.responses import HTMLResponse

from minispaces_platform import interpreter
from minispaces_platform.error_pages import install_error_pages
from minispaces_platform.parts import open_parts
from minispaces_platform.routers import ROUTERS
from minispaces_platform.security import middlewares
from minispaces_platform.settings import PlatformSettings

_CONSTANT = "x" * 26_000
"""As long as the gallery's page."""

settings = PlatformSettings(redis_url="unix:///nonexistent/redis.sock")
app = FastAPI(middleware=middlewares(settings), openapi_url=None)
app.state.parts = open_parts(settings)
install_error_pages(app)


@app.get("/floor")
async def show_constant() -> HTMLResponse:
    return HTMLResponse(_CONSTANT)


for router in ROUTERS:
    app.include_router(router)

interpreter.prepare()
