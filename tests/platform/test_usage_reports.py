"""What the runner measures reaches the platform over the internal door, told by a real teller to a real platform."""

import anyio
import pytest
from support.plain_engine import PlainEngine

from minispaces_contract.client import RunnerDoor
from minispaces_contract.messages import Artifact, DeploymentSpec
from minispaces_contract.settings import ServiceSettings
from minispaces_contract.states import ArtifactKind, Sdk
from minispaces_platform.accounts import service as accounts
from minispaces_platform.models.usage import MachineNow, SpaceUsage
from minispaces_platform.spaces.service import create_space
from minispaces_runner.gpu.book import Book
from minispaces_runner.haproxy_socket import HaproxySocket
from minispaces_runner.usage_teller import UsageTeller

TOKEN = "internal-token-of-the-tests"


@pytest.fixture
def space_id(hub) -> str:
    with hub.database.writing() as session:
        return create_space(session, accounts.add_user(session, "usage-ada"), "demo").id


def test_a_running_app_is_seen_and_a_stopped_one_is_gone(hub, space_id, tmp_path):
    async def tell_twice() -> list[list[str]]:
        engine, seen = PlainEngine(), []
        url = f"http://127.0.0.1:{hub.settings.port}"
        door = RunnerDoor(ServiceSettings(internal_url=url, internal_token=TOKEN, data=tmp_path))
        teller = UsageTeller(engine, door, HaproxySocket(tmp_path / "no.sock"), tmp_path, book=Book([]))
        await engine.start(spec_of(space_id))
        await teller.tell(slow=True)
        seen.append(used_in(hub))
        await engine.clear()
        await teller.tell()
        seen.append(used_in(hub))
        await door.aclose()
        return seen

    assert anyio.run(tell_twice) == [[space_id], []]
    with hub.database.reading() as session:
        machine = session.query(MachineNow).one()
    assert machine.usage.memory_total > 0
    assert not machine.usage.proxy


def spec_of(space_id: str) -> DeploymentSpec:
    artifact = Artifact(kind=ArtifactKind.BUNDLE, reference="x", sdk=Sdk.DOCKER, command=("sleep", "60"))
    return DeploymentSpec(
        id="d1", space_id=space_id, space="usage-ada/demo", host="h.test", version=1, commit="c" * 40, build_id="b",
        artifact=artifact,
    )  # fmt: skip


def used_in(hub) -> list[str]:
    with hub.database.reading() as session:
        return [row.space_id for row in session.query(SpaceUsage)]
