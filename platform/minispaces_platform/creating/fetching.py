"""Fetching a repository of elsewhere into quarantine: no hooks, submodules or redirects, within bounds, and watched."""

import os
import re
import selectors
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from minispaces_platform.creating.remotes import Remote
from minispaces_platform.errors import InvalidError
from minispaces_platform.repos.quarantine import Quarantine
from minispaces_platform.wording import size, tidy

SECONDS = 300
_ASKING_SECONDS = 30
_SHA = re.compile(r"[0-9a-f]{40}")
_LOOK_SECONDS = 0.5

Tell = Callable[[str], None]


def find_tip(room: Quarantine, remote: Remote) -> str:
    """The commit of its default branch. Raises InvalidError."""
    try:
        asked = subprocess.run(
            _git(room, remote, "ls-remote", "--end-of-options", remote.url, "HEAD"),
            env=_environment(room), stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=_ASKING_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise InvalidError("Nobody answers there.", hint="Look at the address, or try again later.") from None
    if asked.returncode:
        raise _failed(asked.stderr)
    if not (found := _SHA.match(asked.stdout)):
        raise InvalidError("That repository is empty.", hint="There is nothing to import yet.")
    return found[0]


def fetch(room: Quarantine, remote: Remote, tip: str, *, max_mb: int, tell: Tell) -> None:
    """Everything up to `tip`. Raises InvalidError."""
    argv = _git(room, remote, "fetch", "--progress", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance",
        "--no-recurse-submodules", "--end-of-options", remote.url, "HEAD")  # fmt: skip
    with subprocess.Popen(
        argv, env=_environment(room), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as git:
        try:
            said = _watch(git, room.folder, most=max_mb << 20, tell=tell)
        finally:
            git.kill()
    if git.returncode:
        raise _failed(said)
    try:
        room.git("cat-file", "-e", f"{tip}^{{commit}}")
    except subprocess.CalledProcessError:
        raise InvalidError("That repository changed just now.", hint="Try again.") from None


def _watch(git: subprocess.Popen[bytes], folder: Path, *, most: int, tell: Tell) -> str:
    """What git said last, when it has ended. Raises InvalidError for what takes too long or grows too large."""
    assert git.stderr is not None  # noqa: S101 - it was asked for
    deadline, said = time.monotonic() + SECONDS, ""
    for words in _words(git.stderr):
        said = (said + words)[-4000:]
        if time.monotonic() > deadline:
            raise InvalidError(f"This took longer than {SECONDS // 60} minutes.", hint="Push it with git instead.")
        if (held := _bytes_in(folder)) > most:
            raise InvalidError(f"That repository has more than {most >> 20:,} MB.", hint="Push it with git, in parts.")
        if line := tidy(re.split(r"[\r\n]", said.strip())[-1], 120):
            tell(f"{line} ({size(held)})" if held else line)
    git.wait(10)
    return said


def _words(source: IO[bytes]) -> Iterator[str]:
    """What comes, and nothing twice a second while nothing does."""
    with selectors.DefaultSelector() as ready:
        ready.register(source, selectors.EVENT_READ)
        while True:
            if not ready.select(_LOOK_SECONDS):
                yield ""
            elif chunk := os.read(source.fileno(), 1 << 16):
                yield chunk.decode(errors="replace")
            else:
                return


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.glob("pack/*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:  # renamed under our eyes
            continue
    return total


def _git(room: Quarantine, remote: Remote, *command: str) -> list[str]:
    options = {
        "http.curloptResolve": remote.pinned, "http.followRedirects": "false", "http.lowSpeedLimit": "1000",
        "http.lowSpeedTime": "30", "http.proxy": "", "credential.helper": "", "fetch.fsckObjects": "true",
        "fetch.unpackLimit": "1", "transfer.bundleURI": "false",
    }  # fmt: skip
    chosen = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    return ["git", "--git-dir", str(room.repository), *chosen, *command]


def _environment(room: Quarantine) -> dict[str, str]:
    return room.environment | {"GIT_ALLOW_PROTOCOL": "http:https", "GIT_ASKPASS": "true", "LC_ALL": "C"}


def _failed(said: str) -> InvalidError:
    """Git's own reason, in words for people where we know it."""
    for sign, words in _REASONS.items():
        if sign in said:
            return InvalidError(words, hint="Look at the address, or push the repository with git.")
    lines = [line for line in said.splitlines() if line.startswith(("fatal:", "error:"))]
    reason = tidy(lines[-1].partition(":")[2], 200) if lines else "git gave no reason."
    return InvalidError(f"git could not fetch it: {reason}", hint="Look at the address, or push it with git.")


_REASONS = {
    "Authentication failed": "That repository is private, or is not there.",
    "could not read Username": "That repository is private, or is not there.",
    "not found": "There is no repository at this address.",
    "returned error: 30": "That address leads on to another one; give the final one.",
    "Could not resolve": "There is no machine of this name.",
    "Connection refused": "Nobody answers there.",
    "SSL certificate": "That server's certificate cannot be trusted.",
    "fsck error": "That repository is damaged, or made to do harm; its objects were refused.",
}
