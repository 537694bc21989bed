"""Starting an app: its folder, its sandbox, its limits, its network; and only then its first instruction."""

import os
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import structlog

from minispaces_contract.messages import Artifact, DeploymentSpec, Hardware
from minispaces_contract.states import ArtifactKind
from minispaces_runner.addresses import free_subnets, outward_mtu, routed_networks
from minispaces_runner.engine import EngineError
from minispaces_runner.gpu.seats import Seat
from minispaces_runner.installation import Installation
from minispaces_runner.process import veth
from minispaces_runner.process.cgroups import Cgroups
from minispaces_runner.process.copy import copy_tree
from minispaces_runner.process.folder import Folder, KeptLog, Started
from minispaces_runner.process.forkserver.fork import Forked
from minispaces_runner.process.forkserver.kinds import Kind
from minispaces_runner.process.forkserver.pool import ForkServers
from minispaces_runner.process.forkserver.server import Server
from minispaces_runner.process.identity import ProcessIdentity, boot_id, identify
from minispaces_runner.process.interpreter import interpreter_prefixes
from minispaces_runner.process.jail import (
    Jail,
    account_files,
    app_command,
    app_environment,
    jail_arguments,
)
from minispaces_runner.process.output import last_lines
from minispaces_runner.process.relay import open_relay
from minispaces_runner.process.sandbox import Sandbox, most_open_files, open_sandbox, root_links
from minispaces_runner.process.scratch import lay_out_home, words_for_full
from minispaces_runner.process.uids import SpaceUids
from minispaces_runner.resolvers import reachable_resolvers
from minispaces_runner.storage.volumes import Volumes
from minispaces_runner.variables import checked_variables

_log = structlog.get_logger()
_MIB = 1 << 20
_UNLIMITED = Hardware()
_UNFORKED = "[This app cannot be started the fast way: {reason}. It is started the ordinary way.]\n"


@dataclass(frozen=True, slots=True)
class Ground:
    """What a machine lets us do, and where. `uids` is None without root, `pool` None without cables."""

    data: Path
    installation: Installation
    uids: SpaceUids | None
    cgroups: Cgroups | None
    pool: str | None
    volumes: Volumes
    forks: ForkServers | None = None
    addressing: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class Network:
    ip: str
    port: int
    interface: str | None = None
    relay: subprocess.Popen[bytes] | None = None


def launch(
    ground: Ground,
    spec: DeploymentSpec,
    *,
    folder: Folder,
    unforked: str = "",
    earlier: KeptLog | None = None,
    seat: Seat | None = None,
) -> tuple[Started, list[subprocess.Popen[bytes]]]:
    """Start an app in its empty folder; returns it and our children. `unforked` says why no fork server shall do it,
    and `earlier` is the output of one's attempt. Raises EngineError and NotForkedError, leaving the folder behind.
    """
    source, environment = _bundle(spec.artifact, ground.data)
    jail = _jail(ground, spec, folder=folder, environment=environment, seat=seat)
    _lay_out(folder, jail.uid, hardware=spec.hardware, images=ground.volumes.images)
    if earlier:
        earlier.give_to(folder)
    with words_for_full(folder, spec.hardware):
        copy_tree(source, folder.app, owner=jail.uid)
    sandbox = _begin(ground, spec, jail, folder=folder, unforked=unforked)
    try:
        return _confine(ground, spec, folder=folder, sandbox=sandbox)
    except BaseException:
        sandbox.abandon()
        raise


def warm(ground: Ground, spec: DeploymentSpec) -> None:
    """See to it that the next start of such an app can be a fork."""
    if ground.forks and isinstance(kind := ground.forks.kind(spec), Kind):
        ground.forks.warm(kind, partial(_servers_jail, ground, kind), view=_resolvers())


def is_warm(ground: Ground, spec: DeploymentSpec) -> bool:
    kind = ground.forks.kind(spec) if ground.forks else None
    return bool(ground.forks and isinstance(kind, Kind) and ground.forks.is_ready(kind, view=_resolvers()))


def _jail(ground: Ground, spec: DeploymentSpec, *, folder: Folder, environment: Path | None, seat: Seat | None) -> Jail:
    uid = ground.uids.of(spec.space_id) if ground.uids else None
    given = seat.environment({**spec.artifact.env, **spec.env}) if seat else {}
    return Jail(
        home=folder.home,
        etc=folder.etc,
        env=checked_variables(app_environment(environment, spec.artifact.env, spec.env, given)),
        scratch_bytes=spec.hardware.memory_mb * _MIB // 2,
        environment=environment,
        prefixes=interpreter_prefixes(environment, data=ground.data) if environment else (),
        uid=uid,
        storage=ground.volumes.ensure(spec.storage, owner=uid) if spec.storage and spec.storage.id else None,
        scratch_storage=spec.storage is not None and spec.storage.id is None,
        also=seat.shown if seat else {},
        devices=seat.devices if seat else (),
    )


def _begin(ground: Ground, spec: DeploymentSpec, jail: Jail, *, folder: Folder, unforked: str) -> Sandbox | Forked:
    """By a fork where that is possible, else plainly; a reason that people can do something about is said."""
    kind = ground.forks.kind(spec) if ground.forks and not unforked and not jail.devices else None
    if ground.forks and isinstance(kind, Kind):
        forked = ground.forks.fork(kind, spec, jail, folder=folder, view=_resolvers())
        if forked:
            return forked
    elif reason := unforked or kind:
        with folder.log.open("a") as log:
            log.write(_UNFORKED.format(reason=reason))
    command = app_command(spec.artifact.command or (), uid=jail.uid, most_files=most_open_files())
    return open_sandbox(jail_arguments(jail, root_links=root_links()), command, log=folder.log, status=folder.status)


def _servers_jail(ground: Ground, kind: Kind, server: Server) -> Jail:
    """With nothing of any Space: the recipe's own variables, and an empty folder where the app will be."""
    environment, folder = _below(ground.data, kind.environment), Folder(server.path)
    _lay_out(folder, None)
    return Jail(
        home=folder.home,
        etc=folder.etc,
        env=app_environment(environment, dict(kind.env)),
        scratch_bytes=0,
        environment=environment,
        prefixes=interpreter_prefixes(environment, data=ground.data),
        uid=ground.uids.of(f"fork server {kind.owner}") if ground.uids else None,
    )


def check_runnable(spec: DeploymentSpec) -> None:
    """Raises EngineError for what only a Docker engine can run."""
    if spec.artifact.kind is ArtifactKind.IMAGE:
        raise EngineError(
            "This version was built as a container image, which needs a Docker engine to run; build it again."
        )
    if not spec.artifact.command:
        raise EngineError("This version has no start command; build it again.")


def _confine(
    ground: Ground, spec: DeploymentSpec, *, folder: Folder, sandbox: Sandbox | Forked
) -> tuple[Started, list[subprocess.Popen[bytes]]]:
    with ThreadPoolExecutor(1) as beside:  # for both, the kernel lets one wait for milliseconds
        limiting = beside.submit(_limit, ground.cgroups, spec, sandbox.init_pid)
        network = _connect(ground, sandbox.init_pid, port=spec.artifact.port, folder=folder)
        limiting.result()
    init, outer = identify(sandbox.init_pid), identify(sandbox.outer_pid)
    if init is None or outer is None or not init.is_alive():
        _log.error("sandbox_failed", deployment=spec.id, output=last_lines(folder.log, 5))
        raise EngineError("The sandbox for this app could not be made; the runner's log says why.")
    started = Started(
        deployment_id=spec.id,
        space_id=spec.space_id,
        ip=network.ip,
        port=network.port,
        started_at=time.time(),
        boot_id=boot_id(),
        sandbox=outer,
        init=init,
        relay=_own(network.relay) if network.relay else None,
        interface=network.interface,
        forked=isinstance(sandbox, Forked),
    )
    sandbox.release()
    folder.write_state(started)
    return started, [*sandbox.children, *([network.relay] if network.relay else [])]


def _limit(cgroups: Cgroups | None, spec: DeploymentSpec, pid: int) -> None:
    if cgroups:
        cgroups.create(spec.id, spec.hardware)
        cgroups.add(spec.id, pid)


def _connect(ground: Ground, pid: int, *, port: int, folder: Folder) -> Network:
    if ground.pool is None:
        relay, outer = open_relay(pid, port, config=folder.relay, privileged=ground.uids is not None)
        return Network("127.0.0.1", outer, relay=relay)
    first = int(ground.installation.id, 16)
    with ground.addressing:
        for index, subnet in free_subnets(ground.pool, routed_networks(), first=first):
            interface = ground.installation.interface(index)
            if address := veth.connect(pid, interface, subnet=subnet, mtu=outward_mtu()):
                return Network(str(address), port, interface)
    raise EngineError("This app's network could not be made.")


def _bundle(artifact: Artifact, data: Path) -> tuple[Path, Path | None]:
    """The app's files and its environment. Raises EngineError when they are gone, or not ours."""
    source = _below(data, artifact.reference) / "app"
    environment = _below(data, artifact.environment) if artifact.environment else None
    if not source.is_dir() or (environment and not environment.is_dir()):
        raise EngineError("The files of this version are gone from this machine; build it again.")
    return source, environment


def _below(data: Path, relative: str) -> Path:
    path = (data / relative).resolve()
    if not path.is_relative_to(data) or path == data:
        raise EngineError("This version's files are not where they should be; build it again.")
    return path


def _lay_out(folder: Folder, uid: int | None, *, hardware: Hardware = _UNLIMITED, images: bool = False) -> None:
    folder.path.mkdir(parents=True, mode=0o700)
    folder.etc.mkdir(mode=0o755)
    lay_out_home(folder, hardware, images=images)
    if uid is not None:
        os.chown(folder.home, uid, uid)
    for name, text in {**account_files(uid), "resolv.conf": _resolvers()}.items():
        (folder.etc / name).write_text(text)


def _resolvers() -> str:
    return "".join(f"nameserver {address}\n" for address in reachable_resolvers())


def _own(child: subprocess.Popen[bytes]) -> ProcessIdentity:
    found = identify(child.pid)
    if found is None:  # cannot be: a child that nobody waited for keeps its pid
        raise EngineError("The app was gone as soon as it was started.")
    return found
