"""The engine of a team installation: apps as containers of a Docker Engine."""

import asyncio
import math
import os
import shutil
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

import docker
import docker.errors
import requests
from anyio import CapacityLimiter, to_thread
from docker.models.containers import Container

from minispaces_contract.messages import DeploymentSpec
from minispaces_contract.states import ArtifactKind
from minispaces_runner.containers.lines import LineReader
from minispaces_runner.containers.measure import flagged_files, measure
from minispaces_runner.containers.networks import Networks
from minispaces_runner.containers.pausing import page_out_container, pause, unpause
from minispaces_runner.containers.probe import abilities, describe_isolation, raise_firewall
from minispaces_runner.containers.seen import exit_of, has_ended, instance_of, is_ours, listening_in
from minispaces_runner.containers.spec import (
    DEPLOYMENT,
    INSTALLATION,
    SPACE,
    ImageFacts,
    container_name,
    container_options,
)
from minispaces_runner.containers.streams import ClosableStream, read_stream
from minispaces_runner.containers.words import in_words
from minispaces_runner.engine import EngineError, Instance, Used
from minispaces_runner.gpu.seats import Seats
from minispaces_runner.installation import checked_id, installation_of
from minispaces_runner.settings import RunnerSettings
from minispaces_runner.storage.volumes import Volumes
from minispaces_runner.variables import checked_variables

_Result = TypeVar("_Result")
_USER = 1000
"""Whom an app's files belong to, unless its image says otherwise."""
_CALLS, _STREAMS = 16, 4096
_RECONNECT_SECONDS = 1
_AWAY = (docker.errors.DockerException, requests.RequestException)


class DockerEngine:
    """Truth lies in the Docker Engine; on our disk lies only how far each app's log has been read."""

    can_freeze = True

    def __init__(self, client: docker.DockerClient, settings: RunnerSettings) -> None:
        """Blocks while it asks the engine about itself."""
        self._client = client
        self._settings = settings
        self._installation = installation_of(settings.data)
        self._networks = Networks(client, self._installation, settings.app_subnet)
        self._firewall, reason = raise_firewall(client, self._installation, settings)
        self.volumes = Volumes.open(settings)
        self.seats = Seats(settings.gpu_folder)
        self.isolation = f"{describe_isolation(reason)}; {self.volumes.words}"
        self._processors, self.keeps_disk = abilities(client)
        self._root = settings.data.resolve() / "instances"
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._calls, self._streams = CapacityLimiter(_CALLS), CapacityLimiter(_STREAMS)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._sweep()

    @classmethod
    async def open(cls, settings: RunnerSettings) -> Self:
        """Take over what runs, and sweep what never started. Raises EngineError when no Docker Engine answers."""
        return await to_thread.run_sync(_in_words(lambda: cls(docker.from_env(), settings)))

    async def start(self, spec: DeploymentSpec) -> Instance:
        checked_id(spec.id)
        checked_id(spec.space_id)
        checked_variables({**spec.artifact.env, **spec.env})
        if spec.artifact.kind is not ArtifactKind.IMAGE:
            raise EngineError("This version was built for running without Docker; build it again.")
        async with self._locks[spec.space_id]:
            if (found := await self._call(partial(self._find, spec.id))) and found.exit is None:
                return found
            if self._firewall:
                await self._call(self._firewall.ensure)
            return await self._call(partial(self._start, spec))

    async def stop(self, deployment_id: str, *, grace_seconds: float = 5) -> None:
        checked_id(deployment_id)
        container = await self._call(partial(self._container, deployment_id))
        space_id = container.labels[SPACE] if container else ""
        async with self._locks[space_id]:
            await self._call(partial(self._stop, deployment_id, space_id, grace_seconds))

    async def freeze(self, deployment_id: str) -> bool:
        container = await self._call(partial(self._container, checked_id(deployment_id)))
        return container is not None and await self._call(partial(pause, container))

    async def thaw(self, deployment_id: str) -> None:
        await self._call(partial(unpause, self._client, container_name(checked_id(deployment_id))))

    async def page_out(self, deployment_id: str) -> None:
        container = await self._call(partial(self._container, checked_id(deployment_id)))
        if container is not None:
            await self._call(partial(page_out_container, container))

    async def instances(self) -> list[Instance]:
        if self._firewall:
            await self._call(self._firewall.ensure)
        return await self._call(self._instances)

    async def logs(self, deployment_id: str) -> AsyncIterator[str]:
        resume = self._root / checked_id(deployment_id) / "log.resume"
        container = await self._call(partial(self._container, deployment_id))
        if container is None:
            return
        reader = LineReader()
        for follow in (True, False):  # while it follows, Docker may lose what an app writes just before its end
            reader = LineReader(after=resume.read_text() if resume.exists() else reader.after)
            with suppress(EngineError):  # the container was removed meanwhile
                open_log = _in_words(partial(_open_log, container, reader.after, follow=follow))
                async with aclosing(read_stream(open_log, self._streams)) as frames:
                    async for frame in frames:
                        for at, line in reader.lines(frame):
                            resume.parent.mkdir(exist_ok=True)
                            resume.write_text(at)
                            yield line
        if rest := reader.rest():
            yield rest

    async def tail(self, deployment_id: str, *, lines: int = 20) -> list[str]:
        container = await self._call(partial(self._container, checked_id(deployment_id)))
        if container is None:
            return []
        text = await self._call(lambda: container.logs(stream=False, tail=lines))
        return [line.decode(errors="replace") for line in text.splitlines()[-lines:]]

    async def listening(self, deployment_id: str) -> list[str]:
        container = await self._call(partial(self._container, checked_id(deployment_id)))
        return await self._call(partial(listening_in, container)) if container and container.status == "running" else []

    async def changes(self) -> AsyncIterator[None]:
        filters = {"type": "container", "event": ["die", "oom"], "label": self._ours}
        while True:
            with suppress(*_AWAY):
                watch = partial(self._client.events, filters=filters)
                async with aclosing(read_stream(watch, self._streams)) as events:
                    async for _event in events:
                        yield
            await asyncio.sleep(_RECONNECT_SECONDS)
            yield  # whatever happened while nobody listened

    async def usage(self) -> dict[str, Used]:
        running = [each for each in await self._call(self._summaries) if each["State"] == "running"]
        names = [each["Labels"][DEPLOYMENT] for each in running]
        measured = await asyncio.gather(*(self._measured(name) for name in names))
        return {name: used for name, used in zip(names, measured, strict=True) if used}

    async def _measured(self, deployment_id: str) -> Used | None:
        """None for a container that went away meanwhile."""
        with suppress(EngineError, KeyError):
            if container := await self._call(partial(self._container, deployment_id)):
                return await self._call(partial(measure, container))
        return None

    async def disk(self) -> dict[str, int]:
        filters = {"label": self._ours}
        listed = await self._call(lambda: self._client.api.containers(size=True, filters=filters))
        mine = (each for each in listed if is_ours(each, self._installation.id))
        return {each["Labels"][DEPLOYMENT]: each.get("SizeRw") or 0 for each in mine}

    async def flagged(self, deployment_id: str) -> list[bytes]:
        with suppress(EngineError):
            if container := await self._call(partial(self._container, checked_id(deployment_id))):
                return await self._call(partial(flagged_files, container))
        return []

    async def clear(self) -> None:
        async with asyncio.TaskGroup() as group:
            for summary in await self._call(self._summaries):
                group.create_task(self.stop(summary["Labels"][DEPLOYMENT], grace_seconds=1))
        await self._call(self._networks.clear)
        await self._call(self.volumes.close)
        if self._firewall:
            await self._call(self._firewall.remove)

    async def aclose(self) -> None:
        await self._call(self._client.close)

    async def _call(self, work: Callable[[], _Result]) -> _Result:
        return await to_thread.run_sync(_in_words(work), limiter=self._calls)

    @property
    def _ours(self) -> str:
        return f"{INSTALLATION}={self._installation.id}"

    def _summaries(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self._client.api.containers(all=True, filters={"label": self._ours})
        return [summary for summary in listed if is_ours(summary, self._installation.id)]

    def _instances(self) -> list[Instance]:
        found = (self._instance(summary) for summary in self._summaries())
        return [instance for instance in found if instance]

    def _instance(self, summary: dict[str, Any]) -> Instance | None:
        """None for a container that never started, or that went away meanwhile."""
        if summary["State"] == "created":
            return None
        if not has_ended(summary):
            return instance_of(summary, ended=None)
        try:
            state = self._client.api.inspect_container(summary["Id"])["State"]
        except docker.errors.NotFound:
            return None
        return instance_of(summary, ended=exit_of(state))

    def _find(self, deployment_id: str) -> Instance | None:
        mine = (each for each in self._summaries() if each["Labels"][DEPLOYMENT] == deployment_id)
        return next((found for summary in mine if (found := self._instance(summary))), None)

    def _container(self, deployment_id: str) -> Container | None:
        try:
            container = self._client.containers.get(container_name(deployment_id))
        except docker.errors.NotFound:
            return None
        return container if container.labels.get(INSTALLATION) == self._installation.id else None

    def _start(self, spec: DeploymentSpec) -> Instance:
        self._remove(spec.id, grace=0)
        image = ImageFacts.of(self._client.images.get(spec.artifact.reference).attrs)
        options = container_options(
            spec,
            image,
            installation=self._installation.id,
            processors=self._processors,
            gpu_driver=self._settings.gpu_runtime,
            storage=self._storage(spec),
            seat=self.seats.take(spec),
            keeps_disk=self.keeps_disk,
        )
        self._networks.ensure(spec.space_id)
        try:
            self._client.containers.create(**options).start()
        except docker.errors.APIError:
            self._stop(spec.id, spec.space_id, 0)
            raise
        if started := self._find(spec.id):
            return started
        raise EngineError("The app's container was gone as soon as it was started.")

    def _storage(self, spec: DeploymentSpec) -> Path | None:
        if spec.storage is None or spec.storage.id is None:
            return None
        return self.volumes.ensure(spec.storage, owner=_USER if os.geteuid() == 0 else None)

    def _sweep(self) -> None:
        """A runner that died between making and starting a container left it behind."""
        for summary in self._summaries():
            if summary["State"] == "created":
                self._stop(summary["Labels"][DEPLOYMENT], summary["Labels"][SPACE], 0)

    def _stop(self, deployment_id: str, space_id: str, grace: float) -> None:
        self._remove(deployment_id, grace=grace)
        if space_id:
            self._networks.remove(space_id)
        shutil.rmtree(self._root / deployment_id, ignore_errors=True)

    def _remove(self, deployment_id: str, *, grace: float) -> None:
        container = self._container(deployment_id)
        if container is None:
            return
        with suppress(docker.errors.NotFound):
            if container.status == "paused":
                container.unpause()  # a frozen app hears no signal
                container.reload()
            if grace > 0 and container.status == "running":
                container.stop(timeout=math.ceil(grace))
            container.remove(v=True, force=True)


def _in_words(work: Callable[[], _Result]) -> Callable[[], _Result]:
    def spoken() -> _Result:
        with in_words():
            return work()

    return spoken


def _open_log(container: Container, after: str, *, follow: bool) -> ClosableStream[bytes]:
    """From the second of the last line read; what came before within that second is skipped by its time stamp."""
    since = int(datetime.fromisoformat(after[:19] + "+00:00").timestamp()) if after else None
    stream: ClosableStream[bytes] = container.logs(stream=True, follow=follow, timestamps=True, since=since)
    return stream
