"""The engine that needs nothing but Python: apps as child processes, each in namespaces of its own."""

import asyncio
import errno
import subprocess
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from functools import partial
from typing import Self, TypeVar

import structlog
from anyio import CancelScope, CapacityLimiter, to_thread

from minispaces_contract.messages import DeploymentSpec
from minispaces_runner.engine import EngineError, Exit, Instance, Used
from minispaces_runner.firewall import Firewall
from minispaces_runner.gpu.seats import Seats, take_seat
from minispaces_runner.installation import checked_id, installation_of
from minispaces_runner.process import veth
from minispaces_runner.process.exits import Exits
from minispaces_runner.process.flagged import flagged_files
from minispaces_runner.process.folder import Folder, KeptLog, Started, folders
from minispaces_runner.process.forkserver.fork import NotForkedError
from minispaces_runner.process.forkserver.trials import Trials
from minispaces_runner.process.launch import Ground, check_runnable, is_warm, launch, warm
from minispaces_runner.process.measure import folder_bytes, measure
from minispaces_runner.process.output import Output, is_too_large, last_lines
from minispaces_runner.process.paging import page_out
from minispaces_runner.process.probe import survey
from minispaces_runner.process.sockets import listening_addresses
from minispaces_runner.process.teardown import how_it_ended, take_down
from minispaces_runner.settings import RunnerSettings

_log = structlog.get_logger()
_Result = TypeVar("_Result")


class ProcessEngine:
    """Truth lies in the instances' folders and in /proc; what is held here only makes things quicker."""

    def __init__(self, ground: Ground, firewall: Firewall | None, isolation: str) -> None:
        self.isolation = isolation
        self.can_freeze = bool(ground.cgroups and ground.cgroups.can_freeze)
        self.volumes, self.keeps_disk = ground.volumes, ground.volumes.images
        self.seats = Seats(ground.data / "gpu")
        self._ground = ground
        self._firewall = firewall
        self._root = ground.data / "instances"
        self._threads = CapacityLimiter(32)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._children: list[subprocess.Popen[bytes]] = []
        self._outputs: dict[str, Output] = {}
        self._exits = Exits()
        self._trials = Trials(self.warm, self._start_plainly, worked=self._worked)

    @classmethod
    async def open(cls, settings: RunnerSettings) -> Self:
        """See what this machine allows, take over what runs, sweep what was left. Raises EngineError."""
        installation = installation_of(settings.data)
        root = settings.data.resolve() / "instances"
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = cls(*await to_thread.run_sync(survey, settings, installation))
        await engine._in_thread(engine._sweep)
        for folder in folders(root):
            if started := folder.read_state():
                engine._exits.watch(*started.processes)
        return engine

    async def start(self, spec: DeploymentSpec) -> Instance:
        folder = self._folder(spec.id)
        check_runnable(spec)
        async with self._locks[spec.id]:
            if (started := folder.read_state()) and not self._has_ended(started, folder):
                return self._instance(started, folder)
            if folder.path.exists():
                await self._take_down(folder, grace=0)
            return self._instance(await self._launch(spec, folder), folder)

    async def stop(self, deployment_id: str, *, grace_seconds: float = 5) -> None:
        folder = self._folder(deployment_id)
        async with self._locks[deployment_id]:
            if folder.path.exists():
                await self._take_down(folder, grace=grace_seconds)
            self._trials.forget(deployment_id)
            self._reap()

    async def freeze(self, deployment_id: str) -> bool:
        cgroups, name = self._ground.cgroups, checked_id(deployment_id)
        async with self._locks[name]:
            return cgroups is not None and await self._in_thread(partial(cgroups.freeze, name))

    async def thaw(self, deployment_id: str) -> None:
        if cgroups := self._ground.cgroups:
            cgroups.thaw(checked_id(deployment_id))  # one write into a file: no thread is worth it

    async def page_out(self, deployment_id: str) -> None:
        cgroups, name = self._ground.cgroups, checked_id(deployment_id)
        if cgroups and cgroups.is_frozen(name):
            cgroups.allow_swap(name)
            await self._in_thread(lambda: page_out(cgroups.processes(name)))

    async def instances(self) -> list[Instance]:
        self._reap()
        found = [(started, folder) for folder in folders(self._root) if (started := folder.read_state())]
        if self._firewall:
            await self._in_thread(self._firewall.ensure)
        if self._ground.forks:
            await self._in_thread(self._ground.forks.tend)
        for _started, folder in found:
            self._cut(folder)
        return [self._instance(started, folder) for started, folder in found]

    async def logs(self, deployment_id: str) -> AsyncIterator[str]:
        folder = self._folder(deployment_id)
        try:
            output = Output(folder.log, folder.resume)
        except FileNotFoundError:
            return
        self._outputs[deployment_id] = output
        try:
            async for line in output.follow(partial(self._is_over, folder, output)):
                yield line
        finally:
            self._outputs.pop(deployment_id, None)
            output.close()

    async def tail(self, deployment_id: str, *, lines: int = 20) -> list[str]:
        return last_lines(self._folder(deployment_id).log, lines)

    async def listening(self, deployment_id: str) -> list[str]:
        started = self._folder(deployment_id).read_state()
        return listening_addresses(started.init.pid) if started and started.init.is_alive() else []

    async def changes(self) -> AsyncIterator[None]:
        async for _ in self._exits.hints():
            yield

    async def usage(self) -> dict[str, Used]:
        def measured() -> dict[str, Used]:
            return {each.deployment_id: measure(each, self._ground.cgroups) for each, _ in self._running()}

        return await self._in_thread(measured)

    async def disk(self) -> dict[str, int]:
        def counted() -> dict[str, int]:
            return {each.deployment_id: folder_bytes(folder.home) for each, folder in self._running()}

        return await self._in_thread(counted)

    async def flagged(self, deployment_id: str) -> list[bytes]:
        return await self._in_thread(partial(flagged_files, self._folder(deployment_id).app))

    async def clear(self) -> None:
        async with asyncio.TaskGroup() as group:
            for folder in folders(self._root):
                group.create_task(self.stop(folder.path.name, grace_seconds=1))
        await self._in_thread(self._remove_everything)
        await self._in_thread(self.volumes.close)
        self._reap()

    async def aclose(self) -> None:
        self._trials.close()
        self._exits.close()

    async def warm(self, spec: DeploymentSpec) -> None:
        """Have a fork server for such an app; it takes seconds until it is ready."""
        await self._in_thread(partial(warm, self._ground, spec))

    async def is_warm(self, spec: DeploymentSpec) -> bool:
        """Whether the next start of such an app will be a fork."""
        return await self._in_thread(partial(is_warm, self._ground, spec))

    async def settled(self, deployment_id: str) -> None:
        """Wait until a start is known to have gone well, or has been taken up again."""
        await self._trials.settled(deployment_id)

    def _running(self) -> list[tuple[Started, Folder]]:
        found = [(started, folder) for folder in folders(self._root) if (started := folder.read_state())]
        return [(started, folder) for started, folder in found if started.init.is_alive()]

    def _cut(self, folder: Folder) -> None:
        if output := self._outputs.get(folder.path.name):
            output.cut()
        elif is_too_large(folder.log):
            with closing(Output(folder.log, folder.resume)) as unread:
                unread.cut()

    def _folder(self, deployment_id: str) -> Folder:
        return Folder(self._root / checked_id(deployment_id))

    def _instance(self, started: Started, folder: Folder) -> Instance:
        return Instance(
            deployment_id=started.deployment_id,
            space_id=started.space_id,
            ip=started.ip,
            port=started.port,
            started_at=started.started_at,
            exit=self._end_of(started, folder),
            frozen=bool(self._ground.cgroups and self._ground.cgroups.is_frozen(started.deployment_id)),
        )

    def _end_of(self, started: Started, folder: Folder) -> Exit | None:
        if started.forked and self._trials.is_on_trial(started.deployment_id):
            return None  # it is about to be started again
        return how_it_ended(started, folder, cgroups=self._ground.cgroups)

    def _has_ended(self, started: Started, folder: Folder) -> bool:
        return self._end_of(started, folder) is not None

    def _is_over(self, folder: Folder, output: Output) -> bool:
        if self._trials.is_on_trial(folder.path.name):
            return False
        started = folder.read_state()
        return started is None or not output.is_in(folder.log) or self._has_ended(started, folder)

    def _worked(self, started: Started) -> float:
        return measure(started, self._ground.cgroups).cpu_seconds

    async def _launch(
        self, spec: DeploymentSpec, folder: Folder, *, unforked: str = "", earlier: KeptLog | None = None
    ) -> Started:
        if self._firewall:
            await self._in_thread(self._firewall.ensure)
        seat = await self._in_thread(partial(take_seat, self.seats, spec))
        begin = partial(launch, self._ground, spec, folder=folder, unforked=unforked, earlier=earlier, seat=seat)
        try:
            started, children = await self._in_thread(begin)
        except NotForkedError as error:
            await self._take_down(folder, grace=0)
            self._remember(spec, lasting=error.lasting)
            return await self._launch(spec, folder, unforked=str(error))
        except OSError as error:
            await self._take_down(folder, grace=0)
            raise EngineError(_in_words(error)) from None
        except BaseException:
            with CancelScope(shield=True):
                await self._take_down(folder, grace=0)
            raise
        self._children += children
        self._exits.watch(*started.processes)
        if self._ground.forks:
            self._trials.begin(spec, started)
        return started

    async def _start_plainly(self, spec: DeploymentSpec, started: Started, reason: str) -> None:
        """Once more, without its fork server, which may be to blame."""
        folder = self._folder(spec.id)
        async with self._locks[spec.id]:
            if not started.forked or folder.read_state() != started:
                return
            self._remember(spec, lasting=True)
            earlier = KeptLog.of(folder)
            await self._take_down(folder, grace=0)
            await self._launch(spec, folder, unforked=reason, earlier=earlier)

    def _remember(self, spec: DeploymentSpec, *, lasting: bool) -> None:
        if lasting and self._ground.forks:
            self._ground.forks.unforkable.add(spec.artifact.reference)

    async def _take_down(self, folder: Folder, *, grace: float) -> None:
        await self._in_thread(partial(take_down, folder, cgroups=self._ground.cgroups, grace=grace))

    def _sweep(self) -> None:
        """Take away what has lost its owner: starts that were cut off, groups and cables of nobody."""
        known = {folder.path.name: folder.read_state() for folder in folders(self._root)}
        forks = self._ground.forks.names() if self._ground.forks else set()
        for name, started in known.items():
            if started is None:
                take_down(self._folder(name), cgroups=self._ground.cgroups, grace=0)
        for name in self._ground.cgroups.names() if self._ground.cgroups else ():
            if name not in {*known, *forks} and self._ground.cgroups:
                self._ground.cgroups.remove(name)
        cables = {started.interface for started in known.values() if started}
        for cable in veth.cables(self._ground.installation.interface_prefix) if self._ground.uids else ():
            if cable not in cables:
                veth.disconnect(cable)

    def _remove_everything(self) -> None:
        if self._ground.forks:
            self._ground.forks.clear()
        self._sweep()
        if self._ground.cgroups:
            self._ground.cgroups.clear()
        if self._firewall:
            self._firewall.remove()

    def _reap(self) -> None:
        self._children = [child for child in self._children if child.poll() is None]

    async def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        """To its end even when the caller is cancelled: half a start would be worse than a whole one."""
        return await to_thread.run_sync(work, limiter=self._threads)


def _in_words(error: OSError) -> str:
    _log.error("start_failed", reason=str(error))
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "This machine's disk is full: the app could not be started."
    return "The app could not be started; the runner's log says why."
