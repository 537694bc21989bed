"""The messages between the rooms. Frozen; unknown fields are ignored, so that rooms may differ by a release."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from minispaces_contract.states import ArtifactKind, BuildStatus, DesiredState, InstanceStatus, Sdk, Stage


class Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Hardware(Message):
    """A named flavour. Memory and disk in MiB; `cpus` may be a fraction; `gpus` is a count."""

    name: str = "cpu-basic"
    cpus: float = 2
    memory_mb: int = 4096
    gpus: int = 0
    gpu_model: str = Field(default="", description="what a GPU's name must hold; empty for any")
    gpu_shared: bool = Field(default=False, description="held only while the app works, in turns with other apps")
    disk_mb: int = Field(default=0, description="what an instance may write for itself; 0 for no limit of its own")


class AppConfig(Message):
    """What a README's front matter says about building and starting the app; everything else stays in the platform.

    `sdk` is None where the front matter has none: the builder then detects one and says so. `app_port` is
    None unless the front matter names one. Versions are the text that was written (`3.10`, never 3.1).
    """

    sdk: Sdk | None = None
    sdk_version: str | None = None
    python_version: str | None = None
    app_file: str | None = None
    app_port: int | None = None
    dependencies_as_of: str | None = Field(
        default=None,
        description='"sdk" (default), "latest", or a date: what open dependencies may resolve to',
    )
    startup_seconds: float = 30 * 60
    warnings: tuple[str, ...] = Field(default=(), description="what the reader of the front matter let pass, in words")


class BuildRequested(Message):
    """Down, by Celery: an id and nothing else. The builder fetches the rest over the internal door."""

    build_id: str


class BuildSpec(Message):
    """The answer to a claim. `attempt` must accompany every later report: a lost lease makes it stale."""

    build_id: str
    attempt: int
    space_id: str
    space: str = Field(description="owner/name, for words only; paths use space_id")
    version: int
    commit: str
    branch: str
    config: AppConfig
    hardware: Hardware = Hardware()
    variables: dict[str, str] = Field(default={}, description="what a Dockerfile may ask for by `ARG`; never a secret")
    lease_seconds: float = 30


class Artifact(Message):
    """What a build made. The runner needs nothing else to start it.

    `reference` is an image id, or for a bundle a path below the data directory. `environment` is the uv
    environment's path below the data directory (bundles only, None for an app without Python packages).
    `command` is an argv run in `/home/user/app`; None means the image's own command.
    """

    kind: ArtifactKind
    reference: str
    sdk: Sdk
    port: int = 7860
    command: tuple[str, ...] | None = None
    env: dict[str, str] = {}
    environment: str | None = None
    python: str | None = Field(default=None, description="the interpreter's version, e.g. 3.11.7")
    size_bytes: int = 0


class Phase(Message):
    name: str
    seconds: float


class BuildReport(Message):
    """Up: how a build ended. `error` is one or two sentences for people; the log holds the rest."""

    build_id: str
    attempt: int
    status: BuildStatus
    artifact: Artifact | None = None
    error: str | None = None
    stage: Stage | None = Field(default=None, description="the word for a failed build, where it is not BUILD_ERROR")
    phases: tuple[Phase, ...] = ()


class SleepRule(Message):
    """When an app that nobody uses goes to sleep: seconds since its last visitor left; None is never.

    What people did by hand is a moment, in seconds since the epoch. `asleep_since`: whatever used it before counts no
    more, so that it sleeps until it is used after that moment, or a time in `warm` begins after it. `awake_since`
    counts as a visit.
    """

    freeze_after: float | None = 5 * 60
    stop_after: float | None = 48 * 3600
    warm: tuple[tuple[float, float], ...] = Field(
        default=(), description="the coming times in which it is kept running: from, to, in seconds since the epoch"
    )
    asleep_since: float | None = None
    awake_since: float | None = None


class Storage(Message):
    """What an app finds at /data. `id` is the volume's own; None is an empty folder that goes with the instance."""

    id: str | None = None
    size_mb: int = 1024


class DeploymentSpec(Message):
    """One thing that should run (or should not). Immutable but for `desired` and `sleep`.

    `replaces` is true while an older deployment of the same Space still serves: the runner moves the host
    only when this one answers. `env` is complete except for what the engine itself must add.
    """

    id: str
    space_id: str
    space: str
    host: str = Field(description="the app's host name, without scheme and port")
    version: int
    commit: str
    build_id: str
    artifact: Artifact
    env: dict[str, str] = {}
    secrets: tuple[str, ...] = Field(default=(), description="names in `env` whose values no log shows")
    hardware: Hardware = Hardware()
    desired: DesiredState = DesiredState.RUNNING
    startup_seconds: float = 30 * 60
    sleep: SleepRule = SleepRule()
    storage: Storage | None = Field(default=None, description="None: there is no /data")
    gpu_seconds_left: float | None = Field(default=None, description="of its owner's this month; None: no limit")
    on_demand: bool = Field(default=False, description="born asleep: the first visitor starts it")


class SpaceRoute(Message):
    """A host name that exists, and what the waker shows while no instance answers on it."""

    host: str
    space_id: str
    space: str
    hub_url: str
    title: str = ""
    deployment_id: str | None = Field(default=None, description="the deployment that should serve the host, if any")
    leads_to: str = Field(default="", description="the host that stands for this one: visitors are sent on to it")
    building: bool = False
    failed: str | None = Field(default=None, description="why nothing serves here, in words")
    stopped: bool = Field(default=False, description="something was deployed, and nothing of it should run")


class DesiredWorld(Message):
    """Everything the runner must know, or what of it concerns some Spaces. What is not in it should not exist."""

    deployments: tuple[DeploymentSpec, ...]
    routes: tuple[SpaceRoute, ...]
    storages: tuple[Storage, ...] = Field(default=(), description="of all Spaces, also of those that do not run")
    removed_storages: tuple[str, ...] = Field(
        default=(), description="volumes that somebody gave up; the one exception: what is not named here stays"
    )


class Door(Message):
    """Who gets to an app: everybody (`open`), whoever is signed in (`inside`), or those named (`members`).

    `identity`: the app is told who visits.
    """

    circle: Literal["open", "inside", "members"]
    space_id: str
    identity: bool = False


class EdgeAccess(Message):
    """All that the proxy must know to let visitors in without asking anybody. What is not here is closed.

    `keys` leads from a credential to its subject: the SHA-256 of an access token in hex, `session:ID`, `token:ID` or
    `guest:ID` to `user:ID`, `token:ID` (of a restricted token) or `guest:ID`. `allowed` holds `subject|SPACE_ID` for
    single apps and `subject|inside` for all that are open inside.
    """

    doors: dict[str, Door]
    keys: dict[str, str]
    allowed: frozenset[str]

    def admits(self, host: str, key: str) -> bool:
        """The proxy's own rule. An open door needs no key, and one that is given must be good all the same."""
        door, subject = self.doors.get(host), self.keys.get(key)
        if door is None:
            return False
        if door.circle == "open":
            return not key or subject is not None
        wanted = {f"{subject}|{door.space_id}", f"{subject}|{door.circle}"}
        return subject is not None and not self.allowed.isdisjoint(wanted)


class TicketPresented(Message):
    """Up: somebody came to `host` with a ticket from the hub."""

    ticket: str
    host: str


class TicketAnswer(Message):
    """`entered` brings the pass for the cookie. `spent`: unknown, used or too old. `elsewhere`: for another app."""

    outcome: Literal["entered", "spent", "elsewhere"]
    token: str = ""
    seconds: int = 0


class PictureOrder(Message):
    """What the builder needs to take an app's picture. `cookie` opens an app that is not open to all, for a minute."""

    url: str
    cookie: str = ""


class InstanceReport(Message):
    """Up: what became of a deployment's instance. `detail` is for people; `log_tail` the app's last lines."""

    deployment_id: str
    status: InstanceStatus
    detail: str | None = None
    log_tail: tuple[str, ...] = ()
    seconds: float | None = Field(default=None, description="from start to the first answer")
    at: datetime


class KeptArtifacts(Message):
    """What the builder's collector must keep; anything else that is older than its grace may go."""

    images: tuple[str, ...]
    bundles: tuple[str, ...]
    environments: tuple[str, ...]
