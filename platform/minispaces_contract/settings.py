"""Settings that every room shares. Read once, in each room's `main`, and passed on."""

import hashlib
from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Environment variables with the prefix `MINISPACES_`."""

    model_config = SettingsConfigDict(env_prefix="MINISPACES_", env_file=None, extra="ignore")

    data: Path = Path("data")
    """Where everything that must survive a restart lies."""
    run: Path = Path("data/run")
    """Unix sockets and pid files; short, because a socket's path may have 107 bytes at most."""
    redis_url: str = "redis://127.0.0.1:6379/0"
    internal_url: str = "http://127.0.0.1:8000"
    """The platform's internal door: `http://host:port` or `unix:///path/to.sock`."""
    internal_token: SecretStr = SecretStr("")
    domain: str = "localhost"
    apps_domain: str = "apps.localhost"
    port: int = 8080
    """The port that people see, also when a front proxy listens for us."""
    scheme: Literal["http", "https"] = "http"
    log_format: Literal["console", "json"] = "json"

    @property
    def installation(self) -> str:
        """Marks what this installation makes on an engine that it may share with others."""
        return hashlib.sha256(str(self.data.resolve()).encode()).hexdigest()[:12]

    @property
    def broker_url(self) -> str:
        """Celery's spelling of `redis_url`: kombu says `redis+socket://` where redis-py says `unix://`."""
        return self.redis_url.replace("unix://", "redis+socket://", 1)

    @property
    def apps_socket(self) -> Path:
        """The proxy's, for our own visits to apps."""
        return self.run / "proxy.sock.http"

    @property
    def storage_socket(self) -> Path:
        """The runner's, for looking into what Spaces keep."""
        return self.run / "storage.sock"

    @property
    def hub_url(self) -> str:
        return self.url_of(self.domain)

    def app_host(self, label: str) -> str:
        """The host name of a Space, or of one of its previews, by its label."""
        return f"{label}.{self.apps_domain}"

    def url_of(self, host: str) -> str:
        default = {"http": 80, "https": 443}[self.scheme]
        return f"{self.scheme}://{host}" + ("" if self.port == default else f":{self.port}")
