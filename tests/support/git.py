"""git as a person uses it: a working tree, commits, pushes; nothing of this machine's own configuration."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


def git(folder: Path, *argv: str, check: bool = True, seconds: float = 120) -> subprocess.CompletedProcess[str]:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    return subprocess.run(
        ["git", *who, *argv], cwd=folder, capture_output=True, text=True, check=check, stdin=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "GIT_TERMINAL_PROMPT": "0"}, timeout=seconds,
    )  # fmt: skip


@dataclass
class WorkingTree:
    """A repository on the pusher's side. `host` is sent as the Host header: names need not resolve in tests."""

    folder: Path
    remote: str
    host: str = ""

    def begin(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        git(self.folder, "init", "--quiet", "--initial-branch=main")
        if self.host:
            git(self.folder, "config", "http.extraHeader", f"Host: {self.host}")

    def commit(self, files: dict[str, str | bytes] | None = None) -> str:
        """Write `files`, commit everything, give the commit."""
        for name, content in (files or {}).items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        git(self.folder, "add", "--all", ".")
        git(self.folder, "commit", "--quiet", "--allow-empty", "--message", "Change it")
        return self.tip()

    def tip(self) -> str:
        return git(self.folder, "rev-parse", "HEAD").stdout.strip()

    def push(self, *refs: str, seconds: float = 300) -> subprocess.CompletedProcess[str]:
        return git(self.folder, "push", self.remote, *(refs or ("main",)), check=False, seconds=seconds)
