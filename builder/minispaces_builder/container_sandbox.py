"""A container for resolutions that run strangers' code, where only Docker can keep it in."""

import os
from collections.abc import Sequence
from pathlib import Path

from minispaces_builder.docker_cli import find_docker
from minispaces_builder.package_index import PackageIndex
from minispaces_builder.work import Finished, Work

_FOLDER = "/home/user/app"
_LIMITS = ("--cap-drop=ALL", "--security-opt=no-new-privileges", "--pids-limit=512", "--memory=2g", "--memory-swap=2g")


def run_in_container(argv: Sequence[str], folder: Path, image: str, *, index: PackageIndex, work: Work) -> Finished:
    """Run uv on the folder's files, which go in and come out by `docker cp`: the engine may be on another machine."""
    cli = find_docker()
    for file in folder.iterdir():
        file.chmod(0o666)  # there they belong to another user, who must write the result
    env = {**cli.env(), **index.uv_env()}
    names = [word for name in index.uv_env() if name != "SSL_CERT_FILE" for word in ("--env", name)]
    names += ["--env", "UV_CACHE_DIR=/tmp/uv", "--env", "HOME=/tmp"]
    created = work.run([cli.program, "create", *_LIMITS, *names, image, "uv", *argv], env=env)
    if created.code != 0:
        return created
    container = created.out.strip()
    try:
        cli.run(work, ["cp", f"{folder}{os.sep}.", f"{container}:{_FOLDER}"])
        finished = cli.run(work, ["start", "--attach", container])
        cli.run(work, ["cp", f"{container}:{_FOLDER}/out.txt", str(folder)])
    finally:
        _remove(container)
    return finished


def _remove(container: str) -> None:
    """Also when the build is being stopped, hence not as a part of its work."""
    cli = find_docker()
    Work(minutes=1).run([cli.program, "rm", "--force", "--volumes", container], env=cli.env())
