"""The platform as one ASGI application. Read this first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI

from minispaces_platform import health
from minispaces_platform.accounts import pages as account_pages
from minispaces_platform.assets import HashedFiles
from minispaces_platform.builds import events as build_events
from minispaces_platform.builds import pages as build_pages
from minispaces_platform.error_pages import install_error_pages
from minispaces_platform.internal import api as internal
from minispaces_platform.janitor import run_janitor
from minispaces_platform.migrate import migrate
from minispaces_platform.parts import close_parts, open_parts
from minispaces_platform.repos import http as git_http
from minispaces_platform.security import middlewares
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.spaces import events as space_events
from minispaces_platform.spaces import pages as space_pages


def create_app(settings: PlatformSettings) -> FastAPI:
    """Opens the database and migrates it when the server starts, not before."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.parts = parts = open_parts(settings)
        migrate(parts.database)
        janitor = asyncio.create_task(run_janitor(parts))
        await anyio.to_thread.run_sync(lambda: parts.queue.backend)  # a second of imports, not in the first push
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
    for part in (health, internal, git_http, account_pages, build_pages, space_pages, space_events, build_events):
        app.include_router(part.router)
    return app
