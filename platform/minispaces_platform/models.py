"""Every table, for Alembic and for the tests: importing this registers them all."""

from minispaces_platform.accounts.models import AccessToken, LoginLink, LoginSession, User
from minispaces_platform.builds.models import Build, Revision
from minispaces_platform.database import Base
from minispaces_platform.deployments.models import Deployment
from minispaces_platform.spaces.models import Space

__all__ = [
    "AccessToken",
    "Base",
    "Build",
    "Deployment",
    "LoginLink",
    "LoginSession",
    "Revision",
    "Space",
    "User",
]
