"""Get what the tests need onto this machine, as far as it allows, and run them: `run_tests.py [PYTEST ARGUMENT ...]`.

Whatever cannot be had is skipped with its reason, by tests/conftest.py; with CI=true it is an error.
"""

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import debian
import docker_engine
from package_index import certificates

ROOT = Path(__file__).resolve().parents[2]
BASE_IMAGE = "minispaces/base:3.11-slim"
OUR_ENGINE = ROOT / ".cache" / "docker"
PUBLIC_NAME = "python:3.11-slim"
_CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


def wanted_images(*, engine_is_ours: bool) -> list[str]:
    """On somebody else's engine no public name is taken."""
    return [BASE_IMAGE, PUBLIC_NAME] if engine_is_ours else [BASE_IMAGE]


def _is_there(image: str, environment: dict[str, str]) -> bool:
    command = ["docker", "image", "inspect", image]
    return subprocess.run(command, env=environment, capture_output=True).returncode == 0


def make_base_image(images: list[str], environment: dict[str, str]) -> None:
    """What images are built from where no registry of images can be reached; once per engine."""
    if all(_is_there(image, environment) for image in images):
        return
    print(f"Making {BASE_IMAGE} from Debian's packages", flush=True)
    tags = [word for image in images for word in ("--tag", image)]
    subprocess.run([sys.executable, str(ROOT / "deploy" / "base" / "make-base.py"), *tags], env=environment)


def test_environment() -> dict[str, str]:
    """Ours, with Debian's own client first: other clients may have no builder."""
    environment = {**os.environ, "PATH": f"{ROOT}/.venv/bin:/usr/bin:{os.environ['PATH']}:/usr/sbin:/sbin"}
    if named := certificates():
        environment |= dict.fromkeys(_CA_VARIABLES, named)
    return environment


def start_engine(stack: ExitStack, environment: dict[str, str]) -> None:
    """Use the engine that answers, else one of our own for as long as `stack` lives, else none."""
    if docker_engine.engine_answers():
        make_base_image(wanted_images(engine_is_ours=environment.get("CI") == "true"), environment)
    elif docker_engine.can_start() and (host := stack.enter_context(docker_engine.engine(OUR_ENGINE))):
        environment["DOCKER_HOST"] = host
        make_base_image(wanted_images(engine_is_ours=True), environment)


def main(arguments: list[str]) -> int:
    debian.install_missing(debian.TESTS)
    environment = test_environment()
    with ExitStack() as stack:
        start_engine(stack, environment)
        command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
