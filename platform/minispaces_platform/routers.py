"""Every router of the hub, in the order in which addresses are looked up: a noun's pages are announced here."""

from typing import Final

from fastapi import APIRouter

from minispaces_platform import avatars
from minispaces_platform.accounts import pages as account_pages
from minispaces_platform.admin import dashboard_pages, notice_pages, quota_pages
from minispaces_platform.admin import organization_pages as admin_organization_pages
from minispaces_platform.admin import pages as admin_pages
from minispaces_platform.audit import pages as audit_pages
from minispaces_platform.builds import comparison_pages as version_comparison
from minispaces_platform.builds import events as build_events
from minispaces_platform.builds import log_pages as build_log_pages
from minispaces_platform.builds import pages as build_pages
from minispaces_platform.configuration import pages as configuration_pages
from minispaces_platform.creating import duplicate_pages, import_pages
from minispaces_platform.creating import pages as creating_pages
from minispaces_platform.deployments import pages as deployment_pages
from minispaces_platform.discussions import pages as discussion_pages
from minispaces_platform.edge import pages as edge_pages
from minispaces_platform.feedback import pages as feedback_pages
from minispaces_platform.files import change_pages as file_changes
from minispaces_platform.files import history_pages as file_history
from minispaces_platform.files import pages as file_pages
from minispaces_platform.gallery import collection_pages, like_pages
from minispaces_platform.gallery import pages as gallery_pages
from minispaces_platform.hardware import pages as hardware_pages
from minispaces_platform.namespaces import pages as namespace_pages
from minispaces_platform.namespaces import profile_pages
from minispaces_platform.notifications import pages as notification_pages
from minispaces_platform.oauth import api as oauth_api
from minispaces_platform.oauth import device_pages, whoami
from minispaces_platform.oauth import pages as oauth_pages
from minispaces_platform.organizations import pages as organization_pages
from minispaces_platform.releases import api as releases_api
from minispaces_platform.releases import pages as release_pages
from minispaces_platform.repos import http as git_http
from minispaces_platform.runtime import api as runtime_api
from minispaces_platform.runtime import logs_api
from minispaces_platform.sleeping import pages as sleep_pages
from minispaces_platform.spaces import events as space_events
from minispaces_platform.spaces import pages as space_pages
from minispaces_platform.spaces import settings_pages as space_settings
from minispaces_platform.spaces import use_pages
from minispaces_platform.storage import pages as storage_pages
from minispaces_platform.thumbnails import pages as thumbnail_pages

ROUTERS: Final[tuple[APIRouter, ...]] = (
    gallery_pages.router,  # what most ask for comes first: each router before it is tried
    space_pages.router,
    git_http.router,
    like_pages.router,
    collection_pages.router,
    account_pages.router,
    build_pages.router,
    build_log_pages.router,
    version_comparison.router,
    release_pages.router,
    releases_api.router,
    build_events.router,
    file_pages.router,
    file_history.router,
    file_changes.router,
    use_pages.router,
    thumbnail_pages.router,
    space_events.router,
    space_settings.router,
    deployment_pages.router,
    runtime_api.router,
    sleep_pages.router,
    logs_api.router,
    storage_pages.router,
    configuration_pages.router,
    creating_pages.router,
    import_pages.router,
    duplicate_pages.router,
    discussion_pages.router,
    notification_pages.router,
    dashboard_pages.router,
    notice_pages.router,
    quota_pages.router,
    hardware_pages.router,
    admin_organization_pages.router,
    feedback_pages.router,
    organization_pages.router,
    profile_pages.router,
    admin_pages.router,
    audit_pages.router,
    oauth_api.router,
    oauth_pages.router,
    device_pages.router,
    whoami.router,
    avatars.router,
    edge_pages.router,
    namespace_pages.router,  # last: its address is one segment of any name
)
