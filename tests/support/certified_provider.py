"""npm's certified oidc-provider, as a process: what an honest provider really does."""

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.ports import free_port

VERSION = "9.13.3"
_CACHE = Path(
    os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "minispaces-tests", f"oidc-provider-{VERSION}"
)
_SCRIPT = Path(__file__).with_suffix(".mjs")


@dataclass(frozen=True)
class Certified:
    issuer: str
    client_id: str = "minispaces"
    client_secret: str = "hush-hush-hush-hush-hush-hush-hush"


def _packages() -> Path:
    """Fetched once per machine, by whichever process comes first."""
    _CACHE.mkdir(parents=True, exist_ok=True)
    with (_CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (_CACHE / "complete").exists():
            npm = [str(shutil.which("npm")), "install", "--no-audit", "--no-fund", "--ignore-scripts"]
            subprocess.run([*npm, "--prefix", _CACHE, f"oidc-provider@{VERSION}"], check=True, capture_output=True)
            (_CACHE / "complete").touch()
    return _CACHE / "node_modules"


@contextmanager
def certified_provider(hub: str, *, name: str = "company", host: str = "127.0.0.1") -> Iterator[Certified]:
    """For the hub at the address `hub`, which calls the provider `name`."""
    port = free_port()
    made = Certified(f"http://{host}:{port}")
    client = {
        "client_id": made.client_id,
        "client_secret": made.client_secret,
        "redirect_uris": [f"{hub}/login/with/{name}/callback"],
        "post_logout_redirect_uris": [f"{hub}/login"],
    }
    wanted = {"packages": str(_packages()), "issuer": made.issuer, "port": port, "client": client}
    command = [str(shutil.which("node")), str(_SCRIPT), json.dumps(wanted)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            assert any("listening" in line for line in process.stdout), "oidc-provider did not start"
            yield made
        finally:
            process.terminate()
