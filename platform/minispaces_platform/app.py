"""The platform as one ASGI application. Read this first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI

from minispaces_platform import health, interpreter
from minispaces_platform.assets import HashedFiles
from minispaces_platform.error_pages import install_error_pages
from minispaces_platform.internal import api as internal
from minispaces_platform.janitor import run_janitor
from minispaces_platform.migrate import migrate
from minispaces_platform.parts import close_parts, open_parts
from minispaces_platform.routers import ROUTERS
from minispaces_platform.security import middlewares
from minispaces_platform.settings import PlatformSettings


def create_app(settings: PlatformSettings) -> FastAPI:
    """Opens the database and migrates it when the server starts, not before."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.parts = parts = open_parts(settings)
        migrate(parts.database)
        janitor = asyncio.create_task(run_janitor(parts))
        await anyio.to_thread.run_sync(lambda: parts.queue.backend)  # a second of imports, not in the first push
        interpreter.prepare()
        try:
            yield
        finally:
            janitor.cancel()
            await asyncio.gather(janitor, return_exceptions=True)
            await close_parts(parts)

    app = FastAPI(title="Minispaces", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    for middleware in middlewares(settings):
        app.user_middleware.append(middleware)
    install_error_pages(app)
    app.mount("/static", HashedFiles())
    for router in (health.router, internal.router, *ROUTERS):
        app.include_router(router)
    return app
