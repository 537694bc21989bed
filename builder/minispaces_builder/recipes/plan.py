"""What a recipe decides, and what it decides from."""

from dataclasses import dataclass, field
from typing import Protocol

from minispaces_builder.errors import BuildError
from minispaces_contract.messages import AppConfig
from minispaces_contract.states import Sdk, Stage

SAMPLE_FRONT_MATTER = "---\ntitle: My demo\nsdk: gradio\napp_file: app.py\n---"
SOURCE_LIMIT = 1_000_000
"""Bytes of a source file that detection reads."""


class Files(Protocol):
    """A checkout, as far as recipes read it."""

    @property
    def names(self) -> frozenset[str]: ...

    def read(self, name: str, *, limit: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class AppPlan:
    """How the app will be started. `package` is the SDK's distribution on the package index, if it has one."""

    sdk: Sdk
    port: int
    command: tuple[str, ...] | None = None
    env: dict[str, str] = field(default_factory=dict)
    package: str | None = None
    summary: str = ""


class Recipe(Protocol):
    sdk: Sdk

    def detect(self, files: Files) -> str | None:
        """Why this repository looks like this SDK's although it does not say so; None when it does not."""

    def render(self, files: Files, config: AppConfig) -> AppPlan:
        """Raises BuildError."""


def app_file_of(files: Files, config: AppConfig, *, default: str) -> str:
    """The file to start. Raises BuildError (security corpus B12)."""
    name = config.app_file or default
    parts = name.split("/")
    if name.startswith(("/", "-")) or ".." in parts or "\0" in name or "\n" in name:
        raise BuildError(f"app_file must be a file inside the repository, not {name!r}.", Stage.CONFIG_ERROR)
    name = "/".join(part for part in parts if part not in {"", "."})
    if name in files.names:
        return name
    raise BuildError(_missing(files, name, named=config.app_file is not None), Stage.NO_APP_FILE)


def _missing(files: Files, name: str, *, named: bool) -> str:
    if any(other.startswith(f"{name}/") for other in files.names):
        return f"app_file must be a file inside the repository; {name} is a folder."
    seen = sorted(other for other in files.names if other.endswith((".py", ".html")) and other.count("/") <= 1)
    hint = f" The repository has {', '.join(seen[:5])}." if seen else ""
    if named:
        return f"The front matter says app_file: {name}, but there is no such file in the repository.{hint}"
    return f"There is no {name} in the repository.{hint} Add it, or name your file with `app_file:` in README.md."


def source_of(files: Files, name: str) -> str:
    return files.read(name, limit=SOURCE_LIMIT).decode("utf-8", errors="replace")
