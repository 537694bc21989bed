"""A Space's page says what its app waits for, and what it runs on where that is not what was asked for."""

from sqlalchemy import update

from minispaces_contract.messages import Hardware
from minispaces_contract.states import InstanceStatus
from minispaces_platform.database import now
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.models.hardware import GpuNow
from minispaces_platform.models.spaces import Space

SHARED = Hardware(name="zero-a10g", cpus=4, memory_mb=16384, gpus=1, gpu_shared=True)


def ask_for(parts, space, hardware):
    with parts.database.writing() as session:
        session.get_one(Space, space.id).hardware = hardware


def test_the_place_in_the_queue_for_a_gpu_is_shown(client, world, ada, parts):
    space = world.add_live_space(ada, "hello")
    ask_for(parts, space, SHARED)
    with parts.database.writing() as session:
        row = GpuNow(space_id=space.id, at=now(), epoch="e", counted=0.0, waiting=3, position=2, wait_seconds=75.0)
        session.add(row)
    assert "GPU queue: number 2, about 1 min 15 s" in client.get("/spaces/ada/hello").text
    assert client.get("/api/spaces/ada/hello/runtime").json()["gpuQueue"] == {"position": 2, "waitSeconds": 75}


def test_what_a_start_waits_for_is_shown(client, world, ada, parts):
    space = world.add_live_space(ada, "hello")
    values = {"observed": InstanceStatus.STARTING, "live_at": None, "detail": "Waits for 4 GB of memory."}
    with parts.database.writing() as session:
        session.execute(update(Deployment).where(Deployment.space_id == space.id).values(**values))
    assert "Waits for 4 GB of memory." in client.get("/spaces/ada/hello").text


def test_what_it_runs_on_is_shown_beside_what_was_asked_for(signed_in, world, ada, parts):
    space = world.add_live_space(ada, "hello")
    ask_for(parts, space, Hardware(name="cpu-upgrade", cpus=8, memory_mb=32768))
    page = signed_in.get("/spaces/ada/hello").text
    assert "cpu-upgrade · 8 CPUs, 32 GB memory" in page
    assert "cpu-basic · 2 CPUs, 4 GB memory" in page
    assert "Runs on cpu-basic · 2 CPUs, 4 GB memory" in signed_in.get("/spaces/ada/hello/settings").text
