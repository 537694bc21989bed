"""Which apps may be forked, and from which server. Nothing here touches the machine."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from minispaces_contract.messages import DeploymentSpec
from minispaces_contract.states import Sdk

_AT_IMPORT = (
    "GRADIO_", "STREAMLIT_", "HF_", "HUGGINGFACE", "TRANSFORMERS_", "PYTHON", "LD_", "MALLOC_", "GLIBC_", "OMP_",
    "OPENBLAS_", "MKL_", "NUMEXPR_", "BLIS_", "GOTO_", "ARROW_", "MPL", "UVICORN_", "PYDANTIC_", "LANG", "LC_",
)  # fmt: skip
"""Read when Python starts or when a package is imported: too late for a child."""
_HARMLESS = frozenset({"HF_TOKEN"})
"""Read at each use."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the apps of one fork server have in common. Its memory's layout is theirs, hence the owner."""

    sdk: Sdk
    environment: str
    env: tuple[tuple[str, str], ...]
    owner: str
    stored: bool
    """Whether there is a folder /data: the server's view has the place for it."""

    @property
    def key(self) -> str:
        facts = [self.sdk, self.environment, self.env, self.owner, self.stored]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Program:
    """What a child runs: a file, or the `main` of a module. `argv` as the program sees it."""

    argv: tuple[str, ...]
    file: str
    module: str | None = None


def kind_of(spec: DeploymentSpec, *, apart: bool) -> Kind | str | None:
    """None for what is never forked; words where the app's owner has a hand in it. `apart` keeps owners apart."""
    artifact = spec.artifact
    if artifact.environment is None or artifact.sdk not in {Sdk.GRADIO, Sdk.STREAMLIT}:
        return None
    if program_of(artifact.command or (), environment="") is None:
        return None
    if names := fixed_at_import(spec.env, artifact.env):
        return f"it sets {', '.join(names)}, which is read when packages are loaded"
    owner = spec.space.partition("/")[0] if apart else ""
    return Kind(
        artifact.sdk, artifact.environment, tuple(sorted(artifact.env.items())), owner, spec.storage is not None
    )


def fixed_at_import(env: Mapping[str, str], known: Mapping[str, str]) -> list[str]:
    """The variables of `env` that a server, started with those of `known`, has not seen in time."""
    early = [name for name in env if name.startswith(_AT_IMPORT) and name not in _HARMLESS]
    return sorted(name for name in early if env[name] != known.get(name))


def program_of(command: tuple[str, ...], *, environment: str) -> Program | None:
    """None for a command that a child cannot stand for."""
    match command:
        case ("python" | "python3", "-u", str(file), *rest) | ("python" | "python3", str(file), *rest):
            return Program((file, *rest), file) if file.endswith(".py") else None
        case ("streamlit", "run", str(file), *rest):
            return Program((f"{environment}/bin/streamlit", "run", file, *rest), file, "streamlit.web.cli")
    return None
