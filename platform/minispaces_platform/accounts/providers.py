"""Sign-in providers as the settings name them, with what is known of GitHub and GitLab filled in."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, field_validator, model_validator

from minispaces_platform.errors import InvalidError
from minispaces_platform.models.roles import Role
from minispaces_platform.names import check_owner_name

_ISSUERS = {"github": "https://github.com", "gitlab": "https://gitlab.com"}
_SCOPES = {
    "oidc": ("openid", "profile", "email"),
    "github": ("read:user", "user:email", "read:org"),
    "gitlab": ("openid", "profile", "email"),
}
_LABELS = {"github": "GitHub", "gitlab": "GitLab"}


class ProviderKind(StrEnum):
    OIDC = "oidc"
    GITHUB = "github"
    GITLAB = "gitlab"


class Provider(BaseModel):
    """`name` stands in addresses, `label` on the button. Its issuer and a subject are who somebody is."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")
    label: str = Field("", max_length=60)
    kind: ProviderKind = ProviderKind.OIDC
    issuer: str = Field("", max_length=400)
    """Exactly as the provider writes it. For GitHub Enterprise and GitLab of one's own: their address."""
    api: str = ""
    """GitHub's API, where it is not at the usual place."""
    client_id: str = Field(min_length=1)
    client_secret: SecretStr = SecretStr("")
    """Empty for a public client, which PKCE alone protects."""
    scopes: tuple[str, ...] = ()
    groups_claim: str = "groups"
    organizations: Mapping[str, str] = {}
    """A group's name to `organisation:role`."""
    admin_groups: frozenset[str] = frozenset()
    allowed_domains: frozenset[str] = frozenset()
    """Of e-mail addresses that the provider calls verified."""
    allowed_groups: frozenset[str] = frozenset()
    """With domains as well, either is enough."""

    @field_validator("organizations")
    @classmethod
    def _name_organizations_and_roles(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        for target in value.values():
            name, _, role = target.rpartition(":")
            if role not in set(Role):
                raise ValueError(f"{target!r} is not an organisation and a role, such as 'research:write'")
            try:
                check_owner_name(name, what="organisation")
            except InvalidError as error:
                raise ValueError(f"{error.message} {error.hint}") from error
        return value

    @field_validator("allowed_domains")
    @classmethod
    def _lower(cls, value: frozenset[str]) -> frozenset[str]:
        return frozenset(domain.lower().lstrip("@") for domain in value)

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, value: dict[str, object]) -> dict[str, object]:
        kind = str(value.get("kind", "oidc"))
        filled = {"issuer": _ISSUERS.get(kind, ""), "scopes": _SCOPES.get(kind, ()), "label": _LABELS.get(kind, "")}
        return {**filled, **value}

    @model_validator(mode="after")
    def _check_addresses(self) -> Self:
        for address in (self.issuer, self.api or self.issuer):
            parts = urlsplit(address)
            if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
                raise ValueError(f"provider {self.name!r}: {address!r} is not an address")
        return self

    @property
    def title(self) -> str:
        return self.label or self.name.capitalize()

    @property
    def is_encrypted(self) -> bool:
        return self.issuer.startswith("https://")

    @property
    def memberships(self) -> tuple[tuple[str, str, Role], ...]:
        """Group, organisation and role."""
        pairs = ((group, target.rpartition(":")) for group, target in self.organizations.items())
        return tuple((group, name, Role(role)) for group, (name, _, role) in pairs)

    @property
    def github_api(self) -> str:
        """GitHub Enterprise has it below its own address."""
        usual = "https://api.github.com" if self.issuer == _ISSUERS["github"] else f"{self.issuer.rstrip('/')}/api/v3"
        return (self.api or usual).rstrip("/")


Providers = tuple[Provider, ...]
_LIST = TypeAdapter(Providers)


def read_providers(written: object) -> Providers:
    """From the setting, a JSON list. Raises ValueError in words that hold no secret."""
    if isinstance(written, tuple):
        return written
    text = re.sub(r"^\s*$", "[]", str(written or ""))
    providers = _LIST.validate_json(text)
    names = [provider.name for provider in providers]
    if len(set(names)) < len(names):
        raise ValueError("two providers have the same name")
    return providers
