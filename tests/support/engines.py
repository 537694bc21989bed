"""A house: one engine with what it needs to start apps, made afresh for each test, and ways to ask the apps."""

import asyncio
import os
import subprocess
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import docker
import httpx2
import pytest

from minispaces_contract.messages import Artifact, DeploymentSpec
from minispaces_runner.engine import Engine, Exit, Instance
from minispaces_runner.installation import installation_of
from minispaces_runner.process.folder import Folder
from minispaces_runner.process_engine import ProcessEngine
from minispaces_runner.settings import RunnerSettings

APP = Path(__file__).with_name("obedient_app.py")
ROOT = os.geteuid() == 0


@dataclass
class House:
    """An engine with one app to start, in a data directory of the test's own."""

    kind: str
    open: Callable[[RunnerSettings], Awaitable[Engine]]
    settings: RunnerSettings
    artifact: Artifact
    engine: Engine = field(init=False)
    forks: bool = False
    """Whether apps come from a fork server."""

    def spec(self, *arguments: str, space: str = "", **changes: Any) -> DeploymentSpec:
        name = uuid.uuid4().hex
        command = ("python3", "app.py", *arguments)
        artifact = self.artifact.model_copy(update={"command": changes.pop("command", command)})
        return DeploymentSpec(
            id=name,
            space_id=space or f"s{name[:12]}",
            space="ada/demo",
            host="ada-demo.apps.test",
            version=1,
            commit="0" * 40,
            build_id="b1",
            artifact=artifact,
            **changes,
        )

    async def run(self, *arguments: str, **changes: Any) -> Instance:
        """A started app that answers."""
        instance = await self.engine.start(self.spec(*arguments, **changes))
        await ask(instance)
        if isinstance(self.engine, ProcessEngine):
            await self.engine.settled(instance.deployment_id)
            folder = Folder(self.settings.data.resolve() / "instances" / instance.deployment_id)
            state = folder.read_state()
            assert state is None or state.forked is (self.forks and "command" not in changes)
        return instance

    async def ended(self, deployment_id: str) -> Exit:
        while True:
            for instance in await self.engine.instances():
                if instance.deployment_id == deployment_id and instance.exit:
                    return instance.exit
            await asyncio.sleep(0.02)


async def ask(instance: Instance, code: str = "answer = 'hello'") -> str:
    """What the app answers to a piece of Python; waits until it answers at all."""
    async with httpx2.AsyncClient(trust_env=False, timeout=20) as http:
        while True:
            try:
                answer = await http.post(f"http://{instance.ip}:{instance.port}/", content=dedent(code))
            except httpx2.TransportError:
                await asyncio.sleep(0.02)
            else:
                return answer.text


async def tell(instance: Instance, code: str) -> None:
    """For what the app does not live to answer."""
    async with httpx2.AsyncClient(trust_env=False, timeout=20) as http:
        with pytest.raises(httpx2.TransportError):
            await http.post(f"http://{instance.ip}:{instance.port}/", content=dedent(code))


def read(path: Path) -> str:
    try:
        return path.read_bytes().decode(errors="replace")
    except OSError:
        return ""


def traces(house: House, instance: Instance) -> list[str]:
    return traces_of(house, instance.deployment_id)


def traces_of(house: House, deployment_id: str) -> list[str]:
    """Whatever on the machine still bears the deployment's id: processes, mounts, groups, folders, containers."""
    found = [f"folder {house.settings.data}"] if (house.settings.data / "instances" / deployment_id).exists() else []
    for process in Path("/proc").iterdir():
        signs = ("cgroup", "mountinfo") if process.name.isdigit() else ()
        found += [f"process {process.name}" for sign in signs if deployment_id in read(process / sign)]
    for controller in Path("/sys/fs/cgroup").glob("*"):
        found += [str(each) for each in controller.glob(f"*/{deployment_id}")]
    if house.kind == "docker":
        listed = docker.from_env().containers.list(all=True, filters={"name": deployment_id})
        found += [f"container {each.name}" for each in listed]
    return found


def machine_traces(house: House) -> list[str]:
    """Interfaces, groups, networks and rules of this installation."""
    mine = installation_of(house.settings.data)
    found = [each.name for each in Path("/sys/class/net").iterdir() if each.name.startswith(mine.interface_prefix)]
    found += [str(each) for each in Path("/sys/fs/cgroup").glob(f"*/{mine.cgroup}")]
    if ROOT:
        rules = subprocess.run(["nft", "list", "ruleset"], capture_output=True, text=True, check=True).stdout
        found += [line for line in rules.splitlines() if mine.table in line or mine.interface_prefix in line]
    return found
