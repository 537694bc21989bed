"""The port behind which apps run: what a process engine and a Docker engine have in common."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from minispaces_contract.messages import DeploymentSpec

if TYPE_CHECKING:  # it raises our EngineError
    from minispaces_runner.gpu.seats import Seats
    from minispaces_runner.storage.volumes import Volumes


class EngineError(Exception):
    """Something that people can act on; the message is for them and holds no engine text, path or secret."""


@dataclass(frozen=True, slots=True)
class Exit:
    """How an app ended. `code` is the exit code, or None where a signal ended it."""

    code: int | None = None
    signal: int | None = None
    out_of_memory: bool = False


@dataclass(frozen=True, slots=True)
class Instance:
    """One started deployment, as the engine sees it. `exit` is None while it runs."""

    deployment_id: str
    space_id: str
    ip: str
    port: int
    started_at: float
    """Seconds since the epoch."""
    exit: Exit | None = None
    frozen: bool = False


@dataclass(frozen=True, slots=True)
class Used:
    """What an instance holds now, and what it has used since it began; 0 where nobody counts."""

    cpu_seconds: float = 0
    memory: int = 0
    memory_limit: int = 0
    received: int = 0
    sent: int = 0


class Engine(Protocol):
    """Everything here is idempotent, survives the runner's own restart, and is rebuilt from the engine alone."""

    isolation: str
    """One line for the log and the doctor: what keeps apps apart here."""
    can_freeze: bool
    keeps_disk: bool
    """Whether what an instance writes is held to its hardware's disk; else it is only counted."""
    volumes: "Volumes"
    """What Spaces keep at /data; an instance is started with its own."""
    seats: "Seats"
    """Which GPUs apps were given at their start."""

    async def start(self, spec: DeploymentSpec) -> Instance:
        """Start the app and return at once, ready or not. Starting a started one returns it. Raises EngineError."""

    async def stop(self, deployment_id: str, *, grace_seconds: float = 5) -> None:
        """SIGTERM, then SIGKILL; afterwards nothing of the instance is left. Unknown ids are fine."""

    async def freeze(self, deployment_id: str) -> bool:
        """Give it no more processor time; memory and connections stay, also over a restart of the runner. False where
        it could not be done, and then nothing has changed.
        """

    async def thaw(self, deployment_id: str) -> None:
        """Let it go on. One that is not frozen, or not there, is fine."""

    async def page_out(self, deployment_id: str) -> None:
        """Move a frozen app's memory to the machine's swap, as far as this machine lets us."""

    async def instances(self) -> list[Instance]:
        """Every instance there is, ended ones included until they are stopped."""

    def logs(self, deployment_id: str) -> AsyncIterator[str]:
        """Lines of the app's output as they come; ends when the app has ended. Resumes where it was left,
        also by an earlier runner: no line twice, none lost but by the engine's own size limit.
        """

    async def tail(self, deployment_id: str, *, lines: int = 20) -> list[str]:
        """The last lines of the output, for a failure's words."""

    async def listening(self, deployment_id: str) -> list[str]:
        """Where the app listens, as `address:port`: for the words when it listens in the wrong place."""

    def changes(self) -> AsyncIterator[None]:
        """Yields when an instance may have ended. Hints only; the sweep makes it true anyway."""

    async def usage(self) -> dict[str, Used]:
        """Of each instance that runs; cheap enough for every few seconds."""

    async def disk(self) -> dict[str, int]:
        """Bytes that each instance has written for itself; takes its time."""

    async def flagged(self, deployment_id: str) -> list[bytes]:
        """The CSV files of samples that people flagged in a Gradio app, cut where they are large. Hostile."""

    async def clear(self) -> None:
        """Stop every instance and remove everything the engine ever made: networks, mounts, cgroups, rules."""

    async def aclose(self) -> None:
        """Let go of the engine; running instances go on running."""
