"""Every table. They stand together because they refer to each other; importing this registers them all."""

from minispaces_platform.database import Base
from minispaces_platform.models.accounts import AccessToken, LoginLink, LoginSession, User
from minispaces_platform.models.builds import Build, Revision
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.models.spaces import Space

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
