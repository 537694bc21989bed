"""Every table. They stand together because they refer to each other; importing this registers them all."""

from minispaces_platform.database import Base
from minispaces_platform.models.accounts import (
    AccessToken,
    AccessTokenSpace,
    Identity,
    LoginLink,
    LoginSession,
    User,
)
from minispaces_platform.models.attempts import SignInAttempt
from minispaces_platform.models.audit import AuditEvent
from minispaces_platform.models.builds import Build, Revision
from minispaces_platform.models.collections import Collection, CollectionItem
from minispaces_platform.models.configuration import Variable
from minispaces_platform.models.deployments import Configuration, Deployment, Preview
from minispaces_platform.models.discussions import Comment, Discussion, Feedback, Notification, Watch
from minispaces_platform.models.hardware import Flavour, GpuMonth, GpuNow, HardwareRule
from minispaces_platform.models.imports import Import
from minispaces_platform.models.likes import Like
from minispaces_platform.models.namespaces import FormerName, Membership, Namespace, Organization
from minispaces_platform.models.notices import Notice, Quota
from minispaces_platform.models.oauth import OAuthConsent, OAuthDevice, OAuthGrant, OAuthRefreshToken, OAuthToken
from minispaces_platform.models.search import SearchText, SpaceTag
from minispaces_platform.models.sleeping import SleepSetting
from minispaces_platform.models.spaces import Collaborator, EntryTicket, FormerSpaceName, GuestLink, Space
from minispaces_platform.models.stages import SpaceStage
from minispaces_platform.models.storage import RemovedStorage, SpaceStorage
from minispaces_platform.models.usage import MachineNow, SpaceUsage
from minispaces_platform.models.visits import VisitDay

__all__ = [
    "AccessToken",
    "AccessTokenSpace",
    "AuditEvent",
    "Base",
    "Build",
    "Collaborator",
    "Collection",
    "CollectionItem",
    "Comment",
    "Configuration",
    "Deployment",
    "Discussion",
    "EntryTicket",
    "Feedback",
    "Flavour",
    "FormerName",
    "FormerSpaceName",
    "GpuMonth",
    "GpuNow",
    "GuestLink",
    "HardwareRule",
    "Identity",
    "Import",
    "Like",
    "LoginLink",
    "LoginSession",
    "MachineNow",
    "Membership",
    "Namespace",
    "Notice",
    "Notification",
    "OAuthConsent",
    "OAuthDevice",
    "OAuthGrant",
    "OAuthRefreshToken",
    "OAuthToken",
    "Organization",
    "Preview",
    "Quota",
    "RemovedStorage",
    "Revision",
    "SearchText",
    "SignInAttempt",
    "SleepSetting",
    "Space",
    "SpaceStage",
    "SpaceStorage",
    "SpaceTag",
    "SpaceUsage",
    "User",
    "Variable",
    "VisitDay",
    "Watch",
]
