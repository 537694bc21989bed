"""What isolation this machine lets us give: tried once at the start, and said in one line."""

import os
import subprocess
from collections.abc import Sequence

import structlog

from minispaces_runner.engine import EngineError
from minispaces_runner.firewall import Firewall
from minispaces_runner.installation import Installation
from minispaces_runner.process.cgroups import Cgroups, find_cgroups
from minispaces_runner.process.forkserver.allowed import why_not
from minispaces_runner.process.forkserver.pool import ForkServers
from minispaces_runner.process.jail import root_arguments
from minispaces_runner.process.launch import Ground
from minispaces_runner.process.sandbox import bubblewrap_path, root_links
from minispaces_runner.process.uids import SpaceUids
from minispaces_runner.settings import RunnerSettings
from minispaces_runner.storage.volumes import Volumes

_log = structlog.get_logger()
_NAMESPACES = ("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts")
_SECONDS = 20
_DENIED = (
    "This machine does not let Minispaces isolate apps: {reason}. Choose one: allow user namespaces"
    " (sysctl kernel.unprivileged_userns_clone=1, and on Ubuntu kernel.apparmor_restrict_unprivileged_userns=0),"
    " run Minispaces as root, or install Docker and use --engine docker."
)


def survey(settings: RunnerSettings, installation: Installation) -> tuple[Ground, Firewall | None, str]:
    """The ground to start apps on, the firewall where there can be one, and the words. Raises EngineError."""
    data = settings.data.resolve()
    privileged = is_privileged()
    reason: str | None = "it needs root"
    firewall = None
    if privileged:
        firewall = Firewall.of(installation, settings.app_subnet, edge=settings.port)
        reason = firewall.apply()
    cgroups = find_cgroups(installation.cgroup)
    slow = why_not(settings, privileged=privileged)
    ground = Ground(
        data=data,
        installation=installation,
        uids=SpaceUids(data / "instances" / "uids.json") if privileged else None,
        cgroups=cgroups,
        pool=settings.app_subnet if reason is None else None,
        volumes=Volumes.open(settings),
        forks=None if slow else ForkServers(data / "forkservers", cgroups, apart=settings.fork_servers == "per-owner"),
    )
    words = describe_isolation(privileged=privileged, cgroups=ground.cgroups, unfiltered=reason)
    words += f"; {ground.volumes.words}; " + (f"no fast starts ({slow})" if slow else "fast starts by fork servers")
    return ground, firewall if reason is None else None, words


def is_privileged() -> bool:
    """Whether bubblewrap works as root; if not, whether it works at all. Raises EngineError when it does not."""
    root = os.geteuid() == 0
    if root and _refusal(()) is None:
        return True
    refusal = _refusal(("--unshare-user",))
    if refusal is None:
        return False
    _log.error("isolation_denied", reason=refusal)
    raise EngineError(_DENIED.format(reason=refusal.removeprefix("bwrap: ") or "bubblewrap does not start"))


def describe_isolation(*, privileged: bool, cgroups: Cgroups | None, unfiltered: str | None) -> str:
    """`unfiltered` says why apps have no network of their own that leads outside."""
    apart = ["own network, file system and pid namespace per app"]
    apart += ["own uid per Space"] if privileged else ["all apps under the runner's uid"]
    held = f"memory, cpu and pids limited (cgroup v{cgroups.version})" if cgroups else "memory and cpu not limited"
    outward = "outbound network filtered" if unfiltered is None else f"no outbound network ({unfiltered})"
    return f"process: {', '.join(apart)}; {held}; {outward}"


def _refusal(namespaces: Sequence[str]) -> str | None:
    """Bubblewrap's own reason, or None when it works.

    With as few mounts as an app has: with all of `/` it fails whenever another program unmounts something meanwhile.
    """
    mounts = ["--ro-bind", "/usr", "/usr", *root_arguments(root_links()), "--proc", "/proc", "--dev", "/dev"]
    argv = [bubblewrap_path(), *namespaces, *_NAMESPACES, *mounts]
    try:
        done = subprocess.run([*argv, "--", "/usr/bin/true"], capture_output=True, text=True, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return "bubblewrap does not start"
    return done.stderr.strip() if done.returncode else None
