"""What both packagers promise, asked of the real uv and the real BuildKit."""

import os
import subprocess
import tempfile
import uuid
from pathlib import Path

import pytest

from minispaces_builder.buildlog import BuildLog
from minispaces_builder.checkout import Checkout
from minispaces_builder.docker_cli import find_docker
from minispaces_builder.errors import BuildError
from minispaces_builder.packager import Job, workspace
from minispaces_builder.recipes.choose import choose
from minispaces_builder.requirements import read_requirements
from minispaces_builder.settings import BuilderSettings
from minispaces_builder.system_packages import read_system_packages
from minispaces_builder.work import Work
from minispaces_builder.worker import packager as make_packager
from minispaces_contract.messages import AppConfig, BuildSpec
from minispaces_contract.states import ArtifactKind, Sdk

pytestmark = [pytest.mark.network, pytest.mark.timeout(600)]

STREAMLIT = AppConfig(sdk=Sdk.STREAMLIT, sdk_version="1.44.1")
STATIC = AppConfig(sdk=Sdk.STATIC)


class Workshop:
    """Builds repositories, and runs commands inside what came out."""

    def __init__(self, settings):
        self.settings = settings
        self.packager = make_packager(settings)
        self.log = []
        self.images = []

    def build(self, files, config, *, build_id=None):
        spec = BuildSpec(
            build_id=build_id or uuid.uuid4().hex,
            attempt=1,
            space_id="s1",
            space="ada/demo",
            version=1,
            commit="0" * 40,
            branch="main",
            config=config,
        )
        checkout = write(files, workspace(self.settings.data, spec.build_id) / "source")
        self.log.clear()
        with BuildLog(lambda entries: self.log.extend(entry.text for entry in entries)) as log:
            plan = choose(checkout, config).plan
            system = read_system_packages(checkout)
            job = Job(spec, checkout, plan, read_requirements(checkout), system, log, Work(minutes=9))
            artifact = self.packager.package(job)
        if artifact.kind is ArtifactKind.IMAGE:
            self.images.append(artifact.reference)
        return artifact

    def run(self, artifact, *argv):
        """Output of a command in the app's folder, with its environment first on the path."""
        if artifact.kind is ArtifactKind.IMAGE:
            command = [find_docker().program, "run", "--rm", "--network=none", artifact.reference, *argv]
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout
        path = f"{self.settings.data / artifact.environment / 'bin'}:{os.environ['PATH']}"
        folder = self.settings.data / artifact.reference / "app"
        command = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=folder, env={"PATH": path})
        return command.stdout

    def phases(self):
        return [line for line in self.log if line.startswith(("Resolving", "Installing", "Making"))]


def write(files, root):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return Checkout(root, frozenset(files), size_bytes=sum(map(len, files.values())))


@pytest.fixture(params=["bundle", pytest.param("image", marks=pytest.mark.docker)])
def workshop(request, tmp_path):
    cache = Path(tempfile.gettempdir()) / f"minispaces-tests-{os.geteuid()}" / "uv"
    facts = {"data": tmp_path, "packager": request.param, "uv_cache_dir": cache}
    if request.param == "image":
        facts["base_image"] = request.getfixturevalue("base_image").replace("3.11", "{python}")
    made = Workshop(BuilderSettings(**facts))
    yield made
    for image in set(made.images):
        subprocess.run([find_docker().program, "image", "rm", "--force", image], capture_output=True)


def test_an_artifact_holds_the_repository_and_what_serves_it(workshop):
    artifact = workshop.build({"index.html": "hello", "sub/ü.txt": "x"}, STATIC)
    assert artifact.kind == workshop.settings.packager
    listing = workshop.run(artifact, "python", "-c", "import os; print(sorted(os.listdir()), os.listdir('sub'))")
    assert "['index.html', 'sub'] ['ü.txt']" in listing
    serving = workshop.run(artifact, "python", "-c", "import minispaces_static; print(minispaces_static.PORT)")
    assert serving == "7860\n"


def test_the_same_build_again_gives_the_new_files(workshop):
    workshop.build({"index.html": "first"}, STATIC, build_id="b1")
    artifact = workshop.build({"index.html": "second"}, STATIC, build_id="b1")
    assert workshop.run(artifact, "cat", "index.html") == "second"


@pytest.mark.xdist_group("streamlit-image")
def test_a_code_change_installs_nothing_and_one_more_package_installs_itself(workshop):
    first = workshop.build({"app.py": "import streamlit"}, STREAMLIT)
    assert workshop.phases()
    assert any(
        line.startswith("Dependencies as of 20") and "45 days after streamlit 1.44.1" in line for line in workshop.log
    )
    workshop.build({"app.py": "import streamlit  # changed"}, STREAMLIT)
    assert workshop.phases() == []
    third = workshop.build({"app.py": "", "requirements.txt": "cowsay==6.1"}, STREAMLIT)
    code = "import cowsay, streamlit, pip; print(streamlit.__version__)"
    assert workshop.run(third, "python", "-c", code) == "1.44.1\n"
    with pytest.raises(subprocess.CalledProcessError):
        workshop.run(first, "python", "-c", code)


@pytest.mark.xdist_group("streamlit-image")
def test_a_package_without_a_wheel_is_built_in_a_sandbox(workshop):
    artifact = workshop.build({"app.py": "", "requirements.txt": "ffmpy==0.3.0"}, STREAMLIT)
    assert "A package has no wheel: it is built from source, in a sandbox" in workshop.log
    assert workshop.run(artifact, "python", "-c", "import ffmpy, streamlit; print(ffmpy.__version__)") == "0.3.0\n"


def test_a_package_that_does_not_exist_is_named(workshop):
    files = {"app.py": "", "requirements.txt": "minispaces-no-such-package"}
    with pytest.raises(BuildError, match="no package named minispaces-no-such-package on the package index"):
        workshop.build(files, AppConfig(sdk=Sdk.STREAMLIT))


def test_an_sdk_version_that_does_not_exist_is_told_with_the_newest(workshop):
    with pytest.raises(BuildError, match=r"no streamlit 999\.0 on the package index; the newest is \d"):
        workshop.build({"app.py": ""}, AppConfig(sdk=Sdk.STREAMLIT, sdk_version="999.0"))


def test_a_python_that_cannot_be_had_is_replaced_with_a_warning(workshop):
    artifact = workshop.build({"index.html": ""}, AppConfig(sdk=Sdk.STATIC, python_version="3.99"))
    assert any(line.startswith("Python 3.99 was asked for but cannot be had here") for line in workshop.log)
    assert artifact.python is not None


def test_a_dockerfile_is_built_or_refused_in_words(workshop):
    base = workshop.settings.base_image.format(python="3.11")
    files = {
        "Dockerfile": f"# syntax=docker/dockerfile:1\nFROM {base}\nCOPY x.txt /\nRUN echo from the build\n",
        "x.txt": "x",
    }
    config = AppConfig(sdk=Sdk.DOCKER, app_port=8080)
    if workshop.settings.packager == "bundle":
        with pytest.raises(BuildError, match="needs a Docker engine"):
            workshop.build(files, config)
        return
    artifact = workshop.build(files, config)
    assert (artifact.port, artifact.command) == (8080, None)
    assert workshop.run(artifact, "cat", "/x.txt") == "x"
    story = "\n".join(workshop.log)
    for words in ("syntax=docker/dockerfile:1` is ignored", "[3/3] RUN echo from the build", "from the build"):
        assert words in story


@pytest.mark.docker
@pytest.mark.parametrize(
    ("dockerfile", "words"),
    [
        ("FROM {base}\nRUN exit 3\n", "RUN exit 3 ended with exit code 3"),
        ("FROM {base}\nCOPY nope.txt /\n", "nope.txt cannot be copied: it is not in the repository"),
        ("FROM minispaces.invalid/none:1\n", "The base image minispaces.invalid/none:1 is not available here"),
        ("FROM {base}\nRUNN x\n", "Dockerfile line 2: unknown instruction: RUNN"),
    ],
)
@pytest.mark.parametrize("workshop", ["image"], indirect=True)
def test_a_dockerfile_that_fails_says_where(workshop, dockerfile, words):
    text = dockerfile.format(base=workshop.settings.base_image.format(python="3.11"))
    with pytest.raises(BuildError) as failure:
        workshop.build({"Dockerfile": text}, AppConfig(sdk=Sdk.DOCKER))
    assert words in str(failure.value)


@pytest.mark.docker
@pytest.mark.parametrize("workshop", ["image"], indirect=True)
def test_an_image_that_is_too_large_is_not_kept(workshop):
    workshop.settings.image_limit_gb = 0.001
    with pytest.raises(BuildError, match=r"images larger than 0\.001 GB are not kept"):
        workshop.build({"index.html": ""}, STATIC)
