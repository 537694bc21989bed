"""Make `.venv` hold what uv.lock says: `sync.py [--without-project] [GROUP ...]`.

The run-time dependencies always, groups on top; without the project for a layer of an image that code does not change.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from get_uv import get_uv
from package_index import configured_index, uv_environment

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
CACHE = ROOT / ".cache"


def find_uv() -> Path:
    """The environment's own (uv.lock holds uv), else the one that an earlier set-up fetched, else a new one."""
    for place in (VENV / "bin" / "uv", CACHE / "uv" / "uv"):
        if os.access(place, os.X_OK):
            return place
    return get_uv(CACHE / "uv")


def _home_is_writable(environment: Mapping[str, str]) -> bool:
    home = environment.get("HOME")
    return bool(home) and os.access(str(home), os.W_OK)


def environment_of_uv(environment: Mapping[str, str]) -> dict[str, str]:
    """Keep to this checkout and its Python: no other environment, no interpreter fetched where one fits."""
    told = {name: value for name, value in environment.items() if name not in {"VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT"}}
    told |= uv_environment(environment)
    told["UV_PYTHON_PREFERENCE"] = "system"
    if "UV_CACHE_DIR" not in told and not _home_is_writable(environment):
        told["UV_CACHE_DIR"] = str(CACHE / "packages")
    return told


def plan(uv: str, groups: list[str], *, project: bool, index: str | None, new: bool) -> list[list[str]]:
    """The commands. The lock's addresses are the public index's: elsewhere its hashes are installed by name."""
    python = ["--python", sys.executable] if new else []
    wanted = ["--frozen", "--no-default-groups", *(f"--group={group}" for group in groups)]
    if index is None:
        return [[uv, "sync", "--inexact", *wanted, *python, *([] if project else ["--no-install-project"])]]
    requirements = str(CACHE / "requirements.txt")
    commands = [
        [uv, "venv", "--allow-existing", *python, str(VENV)],
        [uv, "export", "--quiet", "--no-emit-project", *wanted, "--output-file", requirements],
        [uv, "pip", "install", "--require-hashes", "--requirement", requirements],
        [uv, "pip", "install", "--no-deps", "--editable", "."],
    ]
    return commands if project else commands[:-1]


def main(arguments: list[str]) -> int:
    uv = find_uv()
    CACHE.mkdir(exist_ok=True)
    groups = [argument for argument in arguments if not argument.startswith("-")]
    project = "--without-project" not in arguments
    new = not (VENV / "bin" / "python").exists()
    for command in plan(str(uv), groups, project=project, index=configured_index(), new=new):
        code = subprocess.run(command, cwd=ROOT, env=environment_of_uv(os.environ)).returncode
        if code:
            print("Set-up failed; what uv says above is the reason. `make clean` starts from nothing.", file=sys.stderr)
            return code
    return 0


if __name__ == "__main__":
    if shutil.which("git") is None:
        sys.exit("Minispaces needs git: apt-get install git")
    sys.exit(main(sys.argv[1:]))
