"""What only the Docker engine can get wrong: labels, volumes, networks, and an engine that is away."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator

import docker
import pytest

from minispaces_contract.messages import Artifact, DeploymentSpec
from minispaces_contract.states import ArtifactKind, Sdk
from minispaces_runner.containers.spec import ImageFacts, container_options
from minispaces_runner.docker_engine import DockerEngine
from minispaces_runner.engine import EngineError
from minispaces_runner.installation import installation_of
from minispaces_runner.settings import RunnerSettings

pytestmark = [pytest.mark.anyio, pytest.mark.docker]
SLEEP = ("python3", "-c", "import time; time.sleep(600)")


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def settings(short_dir) -> RunnerSettings:
    return RunnerSettings(data=short_dir / "data")


@pytest.fixture
def client() -> Iterator[docker.DockerClient]:
    opened = docker.from_env()
    yield opened
    opened.close()


@pytest.fixture
async def engine(settings) -> AsyncIterator[DockerEngine]:
    opened = await DockerEngine.open(settings)
    yield opened
    await opened.clear()
    await opened.aclose()


@pytest.fixture
def spec(base_image) -> DeploymentSpec:
    return make_spec(base_image, uuid.uuid4().hex)


def make_spec(image: str, space: str) -> DeploymentSpec:
    artifact = Artifact(kind=ArtifactKind.IMAGE, reference=image, sdk=Sdk.DOCKER, command=SLEEP)
    return DeploymentSpec(
        id=uuid.uuid4().hex,
        space_id=space,
        space="a/b",
        host="h",
        version=1,
        commit="c",
        build_id="b",
        artifact=artifact,
    )


@pytest.fixture
def derived(client, base_image) -> Iterator[str]:
    """An image that declares a volume and labels that are ours to set."""
    made = client.containers.create(base_image, "true")
    image = made.commit(changes=["VOLUME /data", "LABEL minispaces.deployment=forged minispaces.space=forged"])
    made.remove(v=True)
    yield str(image.id)
    client.images.remove(image.id, force=True)


async def test_labels_of_an_image_do_not_lead_to_another_deployment(derived, engine):
    spec = make_spec(derived, uuid.uuid4().hex)
    await engine.start(spec)
    (instance,) = await engine.instances()
    assert (instance.deployment_id, instance.space_id) == (spec.id, spec.space_id)


async def test_a_container_that_somebody_else_labelled_is_not_ours(engine, client, settings, base_image):
    labels = {"minispaces.installation": installation_of(settings.data).id, "minispaces.deployment": "d1"}
    stranger = client.containers.create(base_image, "true", labels=labels)
    try:
        assert await engine.instances() == []
        await engine.clear()
        assert client.containers.get(stranger.id).id == stranger.id
    finally:
        stranger.remove()


async def test_volumes_of_an_image_lie_in_memory_and_leave_nothing(derived, engine, client):
    spec = make_spec(derived, uuid.uuid4().hex)
    await engine.start(spec)
    container = client.containers.get(f"minispaces-{spec.id}")
    assert [mount["Type"] for mount in container.attrs["Mounts"]] == []
    code, mounts = container.exec_run(["cat", "/proc/mounts"])
    assert (code, b"tmpfs /data tmpfs" in mounts) == (0, True)


async def test_a_spaces_network_lasts_as_long_as_its_last_deployment(engine, client, spec, base_image):
    second = make_spec(base_image, spec.space_id)
    await asyncio.gather(engine.start(spec), engine.start(second))
    name = f"minispaces-{spec.space_id}"
    assert [each.name for each in client.networks.list(names=[name])] == [name]
    await engine.stop(spec.id)
    assert client.networks.list(names=[name])
    await engine.stop(second.id)
    assert client.networks.list(names=[name]) == []


async def test_a_container_that_never_started_is_swept(settings, client, spec):
    options = container_options(
        spec, ImageFacts("", ()), installation=installation_of(settings.data).id, processors=1, gpu_driver="nvidia"
    )
    client.containers.create(**options | {"network": "none"})
    engine = await DockerEngine.open(settings)
    assert client.containers.list(all=True, filters={"name": spec.id}) == []
    await engine.clear()
    await engine.aclose()


async def test_an_image_that_is_gone_is_said_in_words(engine, spec):
    artifact = spec.artifact.model_copy(update={"reference": "sha256:" + "0" * 64})
    with pytest.raises(EngineError, match="build it again"):
        await engine.start(spec.model_copy(update={"artifact": artifact}))


async def test_an_engine_that_is_away_is_said_in_words(settings, monkeypatch, short_dir):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{short_dir}/nobody.sock")
    with pytest.raises(EngineError, match="does not answer"):
        await DockerEngine.open(settings)
