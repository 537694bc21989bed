"""Every engine starts apps alike: where they answer, what they are given, what they are told."""

import asyncio
from pathlib import Path

import pytest
from support.engines import House, ask, read, traces_of

from minispaces_contract.messages import Hardware
from minispaces_contract.states import ArtifactKind
from minispaces_runner.engine import EngineError

pytestmark = pytest.mark.anyio


async def test_a_started_app_answers_on_its_address(house: House) -> None:
    instance = await house.run()
    assert await ask(instance) == "hello"
    assert await house.engine.instances() == [instance]


async def test_starting_a_started_app_returns_it(house: House) -> None:
    spec = house.spec()
    assert await house.engine.start(spec) == await house.engine.start(spec)


async def test_two_apps_may_have_the_same_port_in_their_code(house: House) -> None:
    one, two = await asyncio.gather(house.run(env={"NAME": "one"}), house.run(env={"NAME": "two"}))
    name = "import os; answer = os.environ['NAME']"
    assert [await ask(one, name), await ask(two, name)] == ["one", "two"]


async def test_a_second_deployment_of_a_space_runs_beside_the_first(house: House) -> None:
    old = await house.run(space="same")
    new = await house.run(space="same")
    await house.engine.stop(old.deployment_id)
    assert await ask(new) == "hello"


async def test_variables_arrive_byte_for_byte(house: House) -> None:
    values = {
        "LINES": "one\ntwo\n",
        "QUOTES": "\"double\" 'single' `tick` $HOME \\n",
        "WORDS": "žluťoučký 火 🚀",
        "EMPTY": "",
        "TRAILING": "blank ",
    }
    instance = await house.run(env=values)
    got = {name: await ask(instance, f"import os; answer = os.environ[{name!r}]") for name in values}
    assert got == values


async def test_no_secret_stands_in_a_command_line(house: House) -> None:
    await house.run(env={"TOKEN": "tell-nobody-27182818"})
    lines = [read(each / "cmdline") for each in Path("/proc").iterdir() if each.name.isdigit()]
    assert any("app.py" in line for line in lines)
    assert not any("27182818" in line for line in lines)


async def test_listening_says_where(house: House) -> None:
    everywhere, inside = await house.run(), await house.engine.start(house.spec("127.0.0.1"))
    assert "0.0.0.0:7860" in await house.engine.listening(everywhere.deployment_id)
    lines = house.engine.logs(inside.deployment_id)
    assert [await anext(lines), await anext(lines)] == ["app begins", "app listens"]
    await lines.aclose()  # type: ignore[attr-defined]  a generator, in both engines
    assert "127.0.0.1:7860" in await house.engine.listening(inside.deployment_id)


async def test_the_wrong_kind_of_artifact_is_refused_in_words(house: House) -> None:
    other = {ArtifactKind.IMAGE: ArtifactKind.BUNDLE, ArtifactKind.BUNDLE: ArtifactKind.IMAGE}
    spec = house.spec()
    artifact = spec.artifact.model_copy(update={"kind": other[spec.artifact.kind]})
    with pytest.raises(EngineError, match="build it again"):
        await house.engine.start(spec.model_copy(update={"artifact": artifact}))


async def test_gpus_that_are_not_there_are_said_in_words_and_leave_nothing(house: House) -> None:
    spec = house.spec(hardware=Hardware(gpus=1))
    with pytest.raises(EngineError, match="choose CPU hardware"):
        await house.engine.start(spec)
    assert await house.engine.instances() == []
    assert traces_of(house, spec.id) == []


async def test_it_says_in_one_line_what_keeps_apps_apart(house: House) -> None:
    assert house.engine.isolation.startswith(f"{house.kind}: ")
    assert "\n" not in house.engine.isolation
