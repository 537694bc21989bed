"""Which GPUs a starting app gets to see: whole ones alone, shared ones with others, remembered over restarts."""

from pathlib import Path

import pytest

from minispaces_contract.messages import Artifact, DeploymentSpec, Hardware
from minispaces_contract.states import ArtifactKind, Sdk
from minispaces_contract.usage import GpuUsage
from minispaces_runner.containers.spec import ImageFacts, container_options
from minispaces_runner.engine import EngineError
from minispaces_runner.gpu.devices import Gpu, find_gpus
from minispaces_runner.gpu.seats import Seats, take_seat
from minispaces_runner.process.jail import Jail, jail_arguments

T4, A10 = (
    Gpu(f"GPU-{number}", GpuUsage(index=number, name=name, busy=0, memory=0, memory_total=1))
    for number, name in enumerate(("Tesla T4", "NVIDIA A10G"))
)
WHOLE, SHARED = Hardware(name="whole", gpus=1), Hardware(name="shared", gpus=1, gpu_shared=True)


def spec(name, hardware, **env):
    artifact = Artifact(kind=ArtifactKind.IMAGE, reference="x", sdk=Sdk.GRADIO)
    return DeploymentSpec(
        id=name, space_id=name, space=f"ada/{name}", host=f"{name}.test", version=1, commit="c", build_id="b",
        artifact=artifact, hardware=hardware, env=env,
    )  # fmt: skip


@pytest.fixture
def seats(tmp_path: Path) -> Seats:
    return Seats(tmp_path, find=lambda: (T4, A10))


def test_a_whole_gpu_is_had_by_one_until_it_leaves(seats):
    assert [seats.take(spec(name, WHOLE)).gpus for name in "ab"] == [("GPU-0",), ("GPU-1",)]
    with pytest.raises(EngineError, match="All GPUs of this machine are in use"):
        seats.take(spec("c", WHOLE))
    seats.keep(["a"])
    assert seats.take(spec("c", WHOLE)).gpus == ("GPU-1",)


def test_shared_ones_spread_and_leave_whole_ones_alone(seats):
    assert [seats.take(spec(name, SHARED)).gpus for name in "abc"] == [("GPU-0",), ("GPU-1",), ("GPU-0",)]
    assert seats.room == 0
    with pytest.raises(EngineError, match="in use"):
        seats.take(spec("d", WHOLE))


def test_the_model_that_an_admin_wrote_is_looked_for_in_the_name(seats):
    assert seats.take(spec("a", Hardware(gpus=1, gpu_model="a10"))).indexes == (1,)
    with pytest.raises(EngineError, match="no GPU 'H100', but NVIDIA A10G, Tesla T4"):
        seats.take(spec("b", Hardware(gpus=1, gpu_model="H100")))


def test_another_runner_knows_who_has_what(seats, tmp_path):
    seats.take(spec("a", WHOLE))
    assert Seats(tmp_path, find=lambda: (T4, A10)).of("a") == ("GPU-0",)
    (tmp_path / "seats.json").write_text("[1]")
    assert Seats(tmp_path, find=lambda: (T4, A10)).of("a") == ()


def test_without_a_driver_there_are_no_gpus_and_no_seats(tmp_path):
    assert find_gpus() == () or Path("/dev/nvidiactl").exists()
    seats = Seats(tmp_path, find=lambda: ())
    assert (seats.take(spec("a", WHOLE)), seats.room) == (None, None)
    with pytest.raises(EngineError, match="no GPU that its driver knows of"):
        take_seat(seats, spec("a", WHOLE))
    assert take_seat(seats, spec("a", Hardware())) is None


def test_an_app_with_a_shared_gpu_finds_our_package_before_its_own(seats):
    own = spec("a", SHARED, PYTHONPATH="/home/user/app/lib")
    seat = seats.take(own)
    assert seat.environment(own.env) == {
        "CUDA_VISIBLE_DEVICES": "GPU-0", "PYTHONPATH": "/opt/minispaces-gpu:/home/user/app/lib",
        "MINISPACES_GPU_DOOR": "/run/minispaces-gpu/door.sock",
    }  # fmt: skip
    assert (seat.shown["/opt/minispaces-gpu"] / "spaces" / "__init__.py").is_file()
    assert seats.door_of("a").parent == seat.shown["/run/minispaces-gpu"]


def test_docker_is_asked_for_exactly_these_gpus(seats):
    own = spec("a", SHARED)
    seat = seats.take(own)
    options = container_options(
        own, ImageFacts("1000", ()), installation="i", processors=2, gpu_driver="nvidia", seat=seat
    )
    assert options["device_requests"][0]["DeviceIDs"] == ["GPU-0"]
    assert {mount["Target"]: mount["ReadOnly"] for mount in options["mounts"]} == dict.fromkeys(seat.shown, True)
    assert options["environment"]["CUDA_VISIBLE_DEVICES"] == "GPU-0"


def test_a_jail_shows_the_leased_gpu_and_no_other(seats, tmp_path):
    seat = seats.take(spec("a", Hardware(gpus=1, gpu_model="A10G")))
    jail = Jail(home=tmp_path, etc=tmp_path, env={}, scratch_bytes=1, also=seat.shown, devices=seat.devices)
    words = jail_arguments(jail, root_links={})
    shown = {words[number + 1] for number, word in enumerate(words) if word == "--dev-bind-try"}
    assert "/dev/nvidia1" in shown
    assert "/dev/nvidia0" not in shown
