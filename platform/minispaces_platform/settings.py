"""Settings of the platform."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from minispaces_contract.settings import ServiceSettings
from minispaces_platform.accounts.providers import Provider, Providers, read_providers
from minispaces_platform.models.roles import Visibility
from minispaces_platform.sleeping.warm import check_zone


class PlatformSettings(ServiceSettings):
    model_config = SettingsConfigDict(hide_input_in_errors=True)  # the input may hold a provider's secret

    listen: str = ""
    """`host:port` for the hub; empty means the socket of `internal_url`, or port 8000 where that is an address."""
    database_url: str = ""
    """`sqlite:///path` or `postgresql+psycopg://...`; empty means SQLite in the data directory."""
    edge_key: SecretStr = SecretStr("")
    """What the hub signs passes to apps with, and the proxy checks them by; at least 32 letters."""
    pass_hours: float = 8
    """How long somebody who entered an app that is not open to all may come back without asking the hub."""
    public_spaces: bool = True
    """False keeps everything inside: what is public is open to whoever is signed in, and to nobody else."""
    default_visibility: Visibility = Visibility.PUBLIC
    """Of Spaces that are made by a push."""
    organizations_by_admins: bool = False
    """True lets only admins make organisations."""
    providers: Annotated[Providers, NoDecode, BeforeValidator(read_providers)] = ()
    """Where people may sign in: a JSON list, explained in docs/sign-in.md. Without any, one-time links are the way."""
    freeze_after_minutes: float = Field(default=5, ge=0)
    """An app that nobody used for so long holds still until the next request, which it answers at once; 0 for never."""
    sleep_after_hours: float = Field(default=48, ge=0)
    """After so long without visitors an app stops until somebody opens it, where its Space does not say otherwise;
    0 for never."""
    shortest_sleep_minutes: float = Field(default=1, ge=0.1)
    """The least that may be chosen for a Space."""
    longest_sleep_hours: float = Field(default=0, ge=0)
    """The most that may be chosen for a Space; 0 lets apps stay awake for ever."""
    time_zone: Annotated[str, AfterValidator(check_zone)] = "UTC"
    """Whose clocks people mean by the times in which an app is kept warm, until they choose another zone."""
    max_push_mb: int = 2048
    max_file_mb: int = 500
    """One file in a push; larger ones belong into Git LFS."""
    max_files: int = 100_000
    import_from_private: bool = False
    """True lets people import repositories from private addresses, such as a git server of your own network."""
    free_disk_floor_gb: float = 2
    """Below this, or below 5 % free (20 GB at most), no push is taken; what runs is left alone."""
    storage_small_gb: float = Field(default=2, ge=0)
    """What a Space may keep at /data in the size `small`, which is the smallest; 0 does not offer it."""
    storage_medium_gb: float = Field(default=20, ge=0)
    storage_large_gb: float = Field(default=100, ge=0)
    browser: str = ""
    """Takes pictures of apps that went live; empty looks for Chromium or Chrome on the path, `none` takes none."""
    kept_versions: int = 5
    """Artifacts of this many newest good versions of a Space are kept to go back to, besides what runs."""
    kept_previews: int = 5
    """Of the newest so many versions of a Space, on whatever branch, each commit has a host of its own; 0 for none."""

    @model_validator(mode="after")
    def _keep_sign_in_encrypted(self) -> Self:
        if open_ones := [each.name for each in self.providers if self.scheme == "https" and not each.is_encrypted]:
            raise ValueError(f"the hub has https, so provider {open_ones[0]!r} needs an issuer with https too")
        return self

    def provider(self, name: str) -> Provider | None:
        return next((each for each in self.providers if each.name == name), None)

    @property
    def effective_database_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data / 'minispaces.db'}"

    @property
    def repositories(self) -> Path:
        return self.data / "repos"

    @property
    def archived_logs(self) -> Path:
        return self.data / "logs"
