"""npm's certified oidc-provider, as a process: what an honest provider really does."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.npm import fetch_package
from support.ports import free_port

VERSION = "9.13.3"
_SCRIPT = Path(__file__).with_suffix(".mjs")


@dataclass(frozen=True)
class Certified:
    issuer: str
    client_id: str = "minispaces"
    client_secret: str = "hush-hush-hush-hush-hush-hush-hush"


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
    wanted = {
        "packages": str(fetch_package("oidc-provider", version=VERSION)),
        "issuer": made.issuer,
        "port": port,
        "client": client,
    }
    command = [str(shutil.which("node")), str(_SCRIPT), json.dumps(wanted)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            assert any("listening" in line for line in process.stdout), "oidc-provider did not start"
            yield made
        finally:
            process.terminate()
