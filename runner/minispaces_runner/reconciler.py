"""Observe, plan, apply: on every hint, on every change of the engine, and every five seconds."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import assert_never

import structlog

from minispaces_contract.messages import DesiredWorld
from minispaces_contract.states import DesiredState
from minispaces_runner import machine, shortage
from minispaces_runner.effects import Effects
from minispaces_runner.engine import EngineError, Instance
from minispaces_runner.gpu.turn_taker import LOOK_AGAIN, Sight, TurnTaker
from minispaces_runner.health_watch import HealthWatch
from minispaces_runner.log_carriers import LogCarriers
from minispaces_runner.memory import Memory
from minispaces_runner.plan import next_moment, plan
from minispaces_runner.progress import recall, target_of
from minispaces_runner.routes import Target
from minispaces_runner.settings import RunnerSettings
from minispaces_runner.sleepers_file import load_sleepers, save_sleepers
from minispaces_runner.steps import (
    AwaitReady,
    DropRoute,
    Fail,
    Freeze,
    PageOut,
    PutToSleep,
    Recover,
    Rest,
    Serve,
    SpaceStep,
    StandBy,
    Start,
    Step,
    Stop,
    Thaw,
    Wait,
    space_of,
)
from minispaces_runner.waiting import wait_for
from minispaces_runner.world_follower import WorldFollower

SWEEP_SECONDS = 5.0
_PAUSE = 1.0
"""Between two tries while the engine is away."""

log = structlog.get_logger()


class Reconciler:
    """One run at a time; the steps of different Spaces run side by side, those of one Space in their order."""

    def __init__(
        self, effects: Effects, world: WorldFollower, settings: RunnerSettings, *, turns: TurnTaker | None = None
    ) -> None:
        self._do = effects
        self._ledger = effects.ledger
        self._world = world
        self._settings = settings
        self._turns = turns
        self._busy: set[str] = set()
        self._touched: set[str] = set()
        """Spaces that were busy at some time since the look began: what it saw of them may be over."""
        self._starting: set[str] = set()
        self._watches: dict[str, tuple[Instance, asyncio.Task[None]]] = {}
        self._logs = LogCarriers(effects)
        self._look_now = asyncio.Event()
        self._group: asyncio.TaskGroup

    def cue(self) -> None:
        """Look at once instead of at the next sweep."""
        self._look_now.set()

    def wake(self, host: str) -> None:
        """Somebody wants this host. What only holds still goes on at once; anything else is the plan's to decide."""
        self._ledger.call(host)
        sleeper = self._ledger.frozen.pop(host, None)
        if sleeper and sleeper.spec.space_id not in self._busy:
            self._take(sleeper.spec.space_id, [sleeper])
        else:
            self.cue()

    async def run(self) -> None:
        """For ever. Apps go on running when it is cancelled."""
        await self._begin()
        async with asyncio.TaskGroup() as self._group:
            self._group.create_task(self._do.reporter.run())
            self._group.create_task(self._world.run(self.cue))
            self._group.create_task(self._follow_engine())
            if self._turns:
                self._group.create_task(self._turns.follow(self.cue))
            watch = HealthWatch(self._do, unanswered_seconds=self._settings.unanswered_seconds)
            self._group.create_task(watch.run())
            while True:
                self._look_now.clear()
                await self._look()
                await wait_for(self._look_now, self._seconds_to_sweep())

    async def _begin(self) -> None:
        await self._world.begin()
        routes, instances = await self._do.routes.all(), await self._instances_at_last()
        sleepers = load_sleepers(self._settings.sleepers_file)
        self._ledger.progress = recall(routes, instances, sleepers=sleepers, now=time.time())

    async def _instances_at_last(self) -> list[Instance]:
        while True:
            try:
                return await self._do.engine.instances()
            except EngineError as error:
                log.warning("engine_away", reason=str(error))
            await asyncio.sleep(_PAUSE)

    async def _follow_engine(self) -> None:
        while True:
            try:
                async for _ in self._do.engine.changes():
                    self.cue()
            except EngineError as error:
                log.warning("engine_away", reason=str(error))
            await asyncio.sleep(_PAUSE)

    # --- one run

    async def _look(self) -> None:
        self._touched = set(self._busy)
        try:
            instances = await self._do.engine.instances()
        except EngineError as error:
            log.warning("engine_away", reason=str(error))
            return
        self._see_routes(await self._do.routes.all())
        if self._ledger.world is None:
            return
        self._tidy(instances)
        for instance in instances:
            self._logs.follow(instance, self._group)
            self._watch_where_it_is(instance)
        memory = await self._memory(self._ledger.world, instances)
        self._ledger.see_frozen(each for each in instances if each.deployment_id not in memory.turns)
        save_sleepers(self._settings.sleepers_file, self._ledger.sleepers)
        await self._apply(plan(self._ledger.world, instances, memory))

    def _see_routes(self, seen: Mapping[str, Target]) -> None:
        world = self._ledger.world
        mine = {spec.host for spec in world.deployments if spec.space_id in self._touched} if world else set()
        kept = {host: to for host, to in self._ledger.routes.items() if host in mine}
        self._ledger.see_routes({host: to for host, to in seen.items() if host not in mine} | kept)

    async def _memory(self, world: DesiredWorld, instances: Sequence[Instance]) -> Memory:
        activity = await self._do.routes.activity()
        sight = Sight(world, instances, activity, self._ledger.progress, self._ledger.wanted)
        return Memory(
            routes=self._ledger.routes,
            progress=self._ledger.progress,
            now=time.time(),
            busy=frozenset(self._touched),
            starting=frozenset(self._starting),
            watched=frozenset(self._watches),
            wanted=self._ledger.wanted,
            activity=activity,
            turns=self._turns.look(sight) if self._turns else {},
            machine=shortage.look_at_memory(self._settings, can_freeze=self._do.engine.can_freeze),
            capacity=machine.capacity(self._settings, gpus=self._do.engine.seats.room),
            drain_seconds=self._settings.drain_seconds,
            starts_at_once=self._settings.starts_at_once,
            unanswered_seconds=self._settings.unanswered_seconds,
        )

    def _tidy(self, instances: Sequence[Instance]) -> None:
        """Forget what is neither there nor wanted, so that wanting it again starts afresh."""
        world = self._ledger.world
        wanted = {spec.id for spec in world.deployments if spec.desired is DesiredState.RUNNING} if world else set()
        there = {instance.deployment_id for instance in instances}
        just_started = {spec.id for spec in (world.deployments if world else ()) if spec.space_id in self._touched}
        self._do.engine.seats.keep(there | self._starting | just_started)
        for deployment_id in set(self._ledger.progress) - wanted - there:
            self._ledger.forget(deployment_id)
        self._logs.forget_gone(instances)

    async def _apply(self, steps: Sequence[Step]) -> None:
        """Returns when routes that lead nowhere are gone and everything else is under way."""
        gone = [step.host for step in steps if isinstance(step, DropRoute)]
        if gone:
            await self._do.routes.delete(gone)
            self._ledger.see_routes({host: to for host, to in self._ledger.routes.items() if host not in gone})
        by_space: dict[str, list[SpaceStep]] = defaultdict(list)
        for step in steps:
            if not isinstance(step, DropRoute):
                by_space[space_of(step)].append(step)
        for space_id, space_steps in by_space.items():
            self._take(space_id, space_steps)

    def _take(self, space_id: str, steps: Sequence[SpaceStep]) -> None:
        self._busy.add(space_id)
        self._touched.add(space_id)
        self._starting |= {step.spec.id for step in steps if isinstance(step, Start)}
        self._group.create_task(self._carry_out(space_id, steps))

    async def _carry_out(self, space_id: str, steps: Sequence[SpaceStep]) -> None:
        try:
            for step in steps:
                await self._carry_out_step(step)
        except EngineError as error:
            log.warning("step_failed", space=space_id, reason=str(error))
            await asyncio.sleep(_PAUSE)
        except Exception:  # one Space must not keep the others from running
            log.exception("step_broke", space=space_id)
            await asyncio.sleep(_PAUSE)
        finally:
            self._busy.discard(space_id)
            self._starting -= {step.spec.id for step in steps if isinstance(step, Start)}
            self.cue()

    async def _carry_out_step(self, step: SpaceStep) -> None:
        log.info("step", kind=type(step).__name__, space=space_of(step))
        match step:
            case Start(spec):
                if instance := await self._do.start(spec):
                    self._logs.follow(instance, self._group)
                    self._watch(AwaitReady(spec, instance))
            case Wait():
                await self._do.wait(step)
            case AwaitReady():
                self._watch(step)
            case Serve():
                await self._do.serve(step)
            case Fail():
                self._unwatch(step.spec.id)
                await self._logs.await_last_lines(step.instance)
                await self._do.fail(step)
            case Recover():
                self._unwatch(step.spec.id)
                await self._logs.await_last_lines(step.instance)
                await self._do.recover(step)
            case Freeze() | StandBy() | Thaw() | PageOut() | PutToSleep():
                await self._carry_out_rest(step)
            case Stop():
                self._unwatch(step.deployment_id)
                await self._do.stop(step)
            case _:
                assert_never(step)

    async def _carry_out_rest(self, step: Rest) -> None:
        match step:
            case Freeze():
                await self._do.freeze(step)
            case StandBy():
                await self._do.stand_by(step)
            case Thaw():
                await self._do.thaw(step)
            case PageOut():
                await self._do.page_out(step)
            case PutToSleep():
                await self._do.put_to_sleep(step)

    # --- what goes on beside the steps

    def _watch(self, step: AwaitReady) -> None:
        deployment_id = step.spec.id

        async def watch() -> None:
            try:
                await self._do.await_ready(step.spec, step.instance)
            finally:
                self._watches.pop(deployment_id, None)
                self.cue()

        if deployment_id not in self._watches:
            self._watches[deployment_id] = step.instance, self._group.create_task(watch())

    def _unwatch(self, deployment_id: str) -> None:
        if watched := self._watches.get(deployment_id):
            watched[1].cancel()

    def _watch_where_it_is(self, instance: Instance) -> None:
        """An engine may have started it anew, somewhere else."""
        watched = self._watches.get(instance.deployment_id)
        if watched and target_of(watched[0]) != target_of(instance):
            self._unwatch(instance.deployment_id)

    def _seconds_to_sweep(self) -> float:
        moment = next_moment(self._ledger.progress, now=time.time(), drain_seconds=self._settings.drain_seconds)
        longest = LOOK_AGAIN if self._turns and self._turns.is_busy else SWEEP_SECONDS
        return longest if moment is None else min(longest, max(0.01, moment - time.time()))
