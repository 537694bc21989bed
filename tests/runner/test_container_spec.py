import docker.errors
import pytest

from minispaces_contract.messages import Artifact, DeploymentSpec, Hardware
from minispaces_contract.states import ArtifactKind, Sdk
from minispaces_runner.containers.lines import LineReader
from minispaces_runner.containers.seen import is_ours
from minispaces_runner.containers.spec import ImageFacts, container_options
from minispaces_runner.containers.words import explain


def options(user="1000", volumes=(), **changes):
    spec = DeploymentSpec(
        id="d1",
        space_id="s1",
        space="ada/demo",
        host="h",
        version=1,
        commit="c",
        build_id="b",
        artifact=Artifact(kind=ArtifactKind.IMAGE, reference="sha256:1", sdk=Sdk.DOCKER, env={"A": "image", "B": "1"}),
        env={"A": "space"},
        **changes,
    )
    return container_options(spec, ImageFacts(user, volumes), installation="abcd", processors=2, gpu_driver="nvidia")


def test_every_container_is_confined():
    made = options()
    assert (made["cap_drop"], made["cap_add"], made["security_opt"]) == (["ALL"], [], ["no-new-privileges"])
    assert (made["mem_limit"], made["memswap_limit"], made["pids_limit"]) == ("4096m", "4096m", 512)
    assert made["log_config"].config == {"max-size": "5m", "max-file": "2"}
    assert made["environment"] == {"A": "space", "B": "1"}
    assert "command" not in made


@pytest.mark.parametrize(("user", "root"), [("", True), ("0:0", True), ("root", True), ("1000", False), ("www", False)])
def test_only_an_image_that_starts_as_root_keeps_what_it_needs_to_become_somebody_else(user, root):
    assert ("SETUID" in options(user)["cap_add"]) is root


def test_volumes_of_an_image_become_memory_with_a_limit():
    assert options(volumes=("/data",))["tmpfs"] == {"/data": "mode=1777,size=1024m"}


def test_no_container_may_have_more_processors_than_there_are():
    assert options(hardware=Hardware(cpus=64))["nano_cpus"] == 2_000_000_000


def test_gpus_are_requested_by_count():
    (request,) = options(hardware=Hardware(gpus=2))["device_requests"]
    assert (request.count, request.driver, request.capabilities) == (2, "nvidia", [["gpu"]])


@pytest.mark.parametrize(
    "text",
    [
        'could not select device driver "nvidia" with capabilities: [[gpu]]',
        "Unknown runtime specified nvidia",
        'error gathering device information while adding custom device "/dev/nvidia0": no such file or directory',
    ],
)
def test_a_missing_gpu_runtime_is_said_in_words(text):
    assert "NVIDIA container toolkit" in explain(docker.errors.APIError("500", explanation=text))


def test_docker_is_never_quoted_to_people():
    error = docker.errors.APIError("500", explanation="open /var/lib/docker/overlay2/secret: no such file")
    assert "/var/lib" not in explain(error)


def test_a_container_is_ours_by_label_and_name():
    labels = {"minispaces.installation": "abcd", "minispaces.deployment": "d1"}
    assert is_ours({"Labels": labels, "Names": ["/minispaces-d1"]}, "abcd")
    assert not is_ours({"Labels": labels, "Names": ["/somebody"]}, "abcd")
    assert not is_ours({"Labels": labels, "Names": ["/minispaces-d1"]}, "ffff")


def test_a_line_that_comes_in_frames_is_one_line():
    reader = LineReader()
    frames = (b"2026-01-01T00:00:00.000000001Z long ", b"2026-01-01T00:00:00.000000001Z line\n")
    assert [line for frame in frames for line in reader.lines(frame)] == [
        ("2026-01-01T00:00:00.000000001Z", "long line")
    ]


def test_frames_that_were_read_before_are_skipped():
    reader = LineReader(after="2026-01-01T00:00:00.000000001Z")
    assert list(reader.lines(b"2026-01-01T00:00:00.000000001Z old\n")) == []
    assert list(reader.lines(b"2026-01-01T00:00:00.000000002Z new\n")) == [("2026-01-01T00:00:00.000000002Z", "new")]
