"""What an app sees of the machine, as arguments of bubblewrap. Nothing here touches the machine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HOME = "/home/user"
APP = f"{HOME}/app"
DATA = "/data"
HOSTNAME = "space"
USER = 1000
"""The user's number where the engine may not give each Space its own."""
_SEARCH = f"{HOME}/.local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ETC = (
    "alternatives", "ca-certificates", "ca-certificates.conf", "crypto-policies", "fonts", "ld.so.cache",
    "ld.so.conf", "ld.so.conf.d", "localtime", "magic", "mime.types", "pki", "protocols", "services", "ssl", "timezone",
)  # fmt: skip
_SYS = ("/sys/devices/system/cpu", "/sys/devices/system/node")
"""Numerical libraries count processors here."""
SCRATCH = ("/dev/shm", "/tmp", "/var/tmp")  # noqa: S108  each app's own
_MAX_PROCESSES = 1024
"""Per user id; the cgroup's own limit is lower where there is one."""
_MAX_FILES = 65_536
_FILES = 4096


@dataclass(frozen=True, slots=True)
class Jail:
    """One app's view. `uid` is None where the runner is not root."""

    home: Path
    etc: Path
    env: Mapping[str, str]
    scratch_bytes: int
    """The most that each of the folders for scratch files may hold; it counts as the app's memory."""
    environment: Path | None = None
    prefixes: tuple[Path, ...] = ()
    uid: int | None = None
    storage: Path | None = None
    """What is kept for the Space, to be seen at /data."""
    scratch_storage: bool = False
    """/data is there, and empty at each start."""
    also: Mapping[str, Path] = field(default_factory=dict)
    """What is shown besides, read-only: where, and what."""
    devices: tuple[str, ...] = ()
    """Of the machine's own, where there are such."""
    places: tuple[str, ...] = ()
    """Empty folders, for what a fork server's children mount."""


def jail_arguments(jail: Jail, *, root_links: Mapping[str, str | None]) -> list[str]:
    """What follows `bwrap`. `root_links` are /lib and its like: the target of a link, or None for a folder."""
    scratch = str(jail.scratch_bytes)
    return [
        *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
        *(("--unshare-user", "--uid", str(USER), "--gid", str(USER)) if jail.uid is None else ()),
        *("--hostname", HOSTNAME),
        *("--ro-bind", "/usr", "/usr"),
        *root_arguments(root_links),
        *("--proc", "/proc", "--dev", "/dev"),
        *(word for path in SCRATCH for word in ("--perms", "1777", "--size", scratch, "--tmpfs", path)),
        *(word for path in (*_folders(jail), *jail.places) for word in ("--perms", "0755", "--dir", path)),
        *(word for path in _SYS for word in ("--ro-bind-try", path, path)),
        *_etc(jail.etc),
        *(word for path in shown(jail) for word in ("--ro-bind", str(path), str(path))),
        *(word for place, path in jail.also.items() for word in ("--ro-bind", str(path), place)),
        *(word for path in jail.devices for word in ("--dev-bind-try", path, path)),
        *("--bind", str(jail.home), HOME),
        *_storage(jail),
        *("--remount-ro", "/"),
        *("--chdir", APP),
        "--clearenv",
        *(word for name, value in jail.env.items() for word in ("--setenv", name, value)),
    ]


def _storage(jail: Jail) -> tuple[str, ...]:
    if jail.storage:
        return ("--bind", str(jail.storage), DATA)
    return ("--perms", "0777", "--size", str(jail.scratch_bytes), "--tmpfs", DATA) if jail.scratch_storage else ()


def app_command(command: tuple[str, ...], *, uid: int | None, most_files: int) -> list[str]:
    """The command behind the programs that set its limits and take its rights, from inside the jail."""
    return [*limited(app_limits(most_files)), *without_rights(uid), *command]


def app_limits(most_files: int) -> dict[str, tuple[int, int]]:
    """By the names of `prlimit`, each soft and hard."""
    hard = min(_MAX_FILES, most_files)
    return {"core": (0, 0), "nofile": (min(_FILES, hard), hard), "nproc": (_MAX_PROCESSES, _MAX_PROCESSES)}


def limited(limits: Mapping[str, tuple[int, int]]) -> list[str]:
    return ["/usr/bin/prlimit", *(f"--{name}={soft}:{hard}" for name, (soft, hard) in limits.items()), "--"]


def without_rights(uid: int | None) -> list[str]:
    if uid is None:
        return []
    rights = ("--no-new-privs", "--bounding-set=-all", "--inh-caps=-all")
    return ["/usr/bin/setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *rights, "--"]


def app_environment(jail_environment: Path | None, *wanted: Mapping[str, str]) -> dict[str, str]:
    """What the engine adds comes first, so that a Space may replace all of it; its own programs lead the PATH."""
    env = {"HOME": HOME, "USER": "user", "LOGNAME": "user", "LANG": "C.UTF-8", "PATH": _SEARCH}
    for each in wanted:
        env |= each
    if jail_environment:
        env["PATH"] = f"{jail_environment}/bin:{env['PATH']}"
    return env


def account_files(uid: int | None) -> dict[str, str]:
    """The files of /etc that name the user and the machine."""
    number = USER if uid is None else uid
    return {
        "passwd": f"root:x:0:0:root:/root:/usr/sbin/nologin\nuser:x:{number}:{number}::{HOME}:/bin/sh\n",
        "group": f"root:x:0:\nuser:x:{number}:\n",
        "hosts": f"127.0.0.1 localhost {HOSTNAME}\n::1 localhost\n",
        "hostname": f"{HOSTNAME}\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    }


def root_arguments(links: Mapping[str, str | None]) -> list[str]:
    """How /lib and its like look inside."""
    words: list[str] = []
    for path, target in links.items():
        words += ["--symlink", target, path] if target else ["--ro-bind", path, path]
    return words


def _etc(own: Path) -> list[str]:
    words = [word for name in _ETC for word in ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")]
    for name in (*account_files(None), "resolv.conf"):
        words += ["--ro-bind", str(own / name), f"/etc/{name}"]
    return words


def _folders(jail: Jail) -> list[str]:
    """Above what is shown, and closed to the app unless it is made with these rights beforehand."""
    above = {parent for path in (*shown(jail), Path(HOME), *map(Path, (*_SYS, *jail.also))) for parent in path.parents}
    return [str(path) for path in sorted({*above, Path("/etc"), Path("/run")} - {Path("/")})]


def shown(jail: Jail) -> tuple[Path, ...]:
    """What an app needs besides /usr, at its own place."""
    return (*jail.prefixes, *((jail.environment,) if jail.environment else ()))
