"""Bare repositories on disk, one folder per Space id, and the only way to call git on them.

GitPython makes and opens them; transport is the system's own git, by argv, with a configuration that no user
can change and that syncs to disk before a push is acknowledged (security F16).
"""

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from threading import Lock

import git

from minispaces_contract.disk import write_whole
from minispaces_platform.settings import PlatformSettings

_CONFIG = """\
[core]
    fsync = all
    fsyncMethod = batch
    logAllRefUpdates = false
    hooksPath = {hooks}
[receive]
    fsckObjects = true
    maxInputSize = {max_push}
    autogc = false
    unpackLimit = 5000
    advertisePushOptions = false
[transfer]
    hideRefs = refs/internal
    credentialsInUrl = allow
[uploadpack]
    allowAnySHA1InWant = false
    allowFilter = true
[http]
    getanyfile = false
[protocol]
    allow = never
[safe]
    directory = *
[gc]
    auto = 0
"""

_HOOK = """\
#!/bin/sh
# The platform waits at the other ends of these pipes and says whether the push may land, and in which words.
{ echo "$GIT_QUARANTINE_PATH"; cat; echo; } > "$MINISPACES_QUESTION" || exit 1
{ read -r verdict; cat >&2; } < "$MINISPACES_VERDICT"
[ "$verdict" = accept ]
"""


LONGEST_LOCK_SECONDS = 600
"""Nobody needs a lock on references for so long."""


class RepositoryStore:
    """`environment` is what every git child gets, and all it gets."""

    def __init__(self, settings: PlatformSettings) -> None:
        self._since = time.time()
        self._creating = Lock()
        self.root = settings.repositories
        self._own = self.root / ".minispaces"
        self.environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._own),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": str(self._own / "gitconfig"),
            "GIT_TEMPLATE_DIR": str(self._own / "template"),
            "GIT_TERMINAL_PROMPT": "0",
            "LANG": "C.UTF-8",
        }
        self._prepare(settings.max_push_mb)

    def _prepare(self, max_push_mb: int) -> None:
        hooks = self._own / "hooks"
        hooks.mkdir(parents=True, exist_ok=True)
        (self._own / "template").mkdir(exist_ok=True)  # none of the sample hooks
        write_whole(hooks / "pre-receive", _HOOK, mode=0o777)
        write_whole(self._own / "gitconfig", _CONFIG.format(hooks=hooks, max_push=max_push_mb << 20))
        self.empty = self._own / "empty.git"
        if not self.empty.exists():
            self._init(self.empty)

    def path(self, space_id: str) -> Path:
        return self.root / f"{space_id}.git"

    def create(self, space_id: str) -> Path:
        """Idempotent, so that a push that died half-way can be repeated, and several may come at once."""
        path = self.path(space_id)
        with self._creating:
            if not path.exists():
                fresh = path.with_suffix(".new")
                shutil.rmtree(fresh, ignore_errors=True)
                self._init(fresh)
                fresh.rename(path)
        return path

    def unlock(self, space_id: str) -> None:
        """Take away the locks of a git that was killed, with an earlier hub or long ago: they refuse every push."""
        path, dead = self.path(space_id), max(self._since, time.time() - LONGEST_LOCK_SECONDS)
        for lock in (*path.glob("*.lock"), *(path / "refs").rglob("*.lock")):
            with suppress(FileNotFoundError):
                if lock.stat().st_mtime < dead:
                    lock.unlink()

    def delete(self, space_id: str) -> None:
        shutil.rmtree(self.path(space_id), ignore_errors=True)

    def open(self, space_id: str) -> git.Repo:
        return git.Repo(self.path(space_id))

    def set_default_branch(self, space_id: str, branch: str) -> None:
        write_whole(self.path(space_id) / "HEAD", f"ref: refs/heads/{branch}\n")

    def _init(self, path: Path) -> None:
        git.Repo.init(path, bare=True, initial_branch="main", env=self.environment)
        # The builder gets `git archive`: nothing in a tree may leave files out of it or rewrite them.
        (path / "info").mkdir(exist_ok=True)
        (path / "info" / "attributes").write_text("* -export-ignore -export-subst\n")
