"""The platform as one ASGI application. Read this first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI

from minispaces_platform import avatars, health
from minispaces_platform.accounts import pages as account_pages
from minispaces_platform.admin import pages as admin_pages
from minispaces_platform.assets import HashedFiles
from minispaces_platform.audit import pages as audit_pages
from minispaces_platform.builds import events as build_events
from minispaces_platform.builds import pages as build_pages
from minispaces_platform.edge import pages as edge_pages
from minispaces_platform.error_pages import install_error_pages
from minispaces_platform.internal import api as internal
from minispaces_platform.janitor import run_janitor
from minispaces_platform.migrate import migrate
from minispaces_platform.namespaces import pages as namespace_pages
from minispaces_platform.namespaces import profile_pages
from minispaces_platform.oauth import api as oauth_api
from minispaces_platform.oauth import device_pages, whoami
from minispaces_platform.oauth import pages as oauth_pages
from minispaces_platform.organizations import pages as organization_pages
from minispaces_platform.parts import close_parts, open_parts
from minispaces_platform.repos import http as git_http
from minispaces_platform.security import middlewares
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.spaces import events as space_events
from minispaces_platform.spaces import pages as space_pages
from minispaces_platform.spaces import settings_pages as space_settings


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
    for part in (space_settings, organization_pages, profile_pages, admin_pages, audit_pages):
        app.include_router(part.router)
    for part in (oauth_api, oauth_pages, device_pages, whoami, avatars):
        app.include_router(part.router)
    app.include_router(edge_pages.router)
    app.include_router(namespace_pages.router)  # last: its address is one segment of any name
    return app
