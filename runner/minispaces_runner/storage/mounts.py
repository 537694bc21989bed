"""Mounting image files through loop devices. util-linux gives the same file the same device, however often it is asked.

A file system that an app still holds stays in use after our own unmount, and goes with the app; its device then goes
by itself.
"""

import re
import subprocess
import time
from pathlib import Path

_OPTIONS = "loop,nosuid,nodev,noatime,discard"
_SECONDS = 30
_LEAVING_SECONDS = 5.0
_LOOK_AGAIN_SECONDS = 0.05
_ESCAPED = re.compile(r"\\([0-7]{3})")


class CommandError(Exception):
    """What a program of the system said, for the log."""


def run(*argv: str, fine: int = 0) -> str:
    """Raises CommandError, also where there is no such program."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandError(f"{argv[0]}: {error}") from None
    if done.returncode not in {0, fine}:
        raise CommandError(f"{argv[0]}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def mount(image: Path, place: Path) -> None:
    """Raises CommandError."""
    run("mount", "-t", "ext4", "-o", _OPTIONS, str(image), str(place))


def unmount(place: Path) -> None:
    """Fine when nothing is mounted there. Raises CommandError."""
    if device_at(place):
        run("umount", str(place))


def device_at(place: Path) -> str | None:
    """The device that is mounted there."""
    return parse_mounts(Path("/proc/self/mountinfo").read_text()).get(str(place))


def is_in_use(image: Path) -> bool:
    """Whether some device still leads to the file: ours, or one that an app holds."""
    return bool(run("losetup", "-j", str(image)).strip())


def is_freed(image: Path) -> bool:
    """Whether nobody uses it any more, once those had time to leave who are on their way out.

    The kernel clears the namespace of an app that ended a moment after its end, and a sandbox that starts shows the
    whole table of mounts until it has put its own root in place.
    """
    until = time.monotonic() + _LEAVING_SECONDS
    while is_in_use(image):
        if time.monotonic() > until:
            return False
        time.sleep(_LOOK_AGAIN_SECONDS)
    return True


def parse_mounts(mountinfo: str) -> dict[str, str]:
    """Devices by mount point."""
    found: dict[str, str] = {}
    for line in mountinfo.splitlines():
        mounted, _, source = line.partition(" - ")
        found[_plain(mounted.split()[4])] = _plain(source.split()[1])
    return found


def _plain(word: str) -> str:
    """The kernel writes blanks and their like in octal."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)), word)
