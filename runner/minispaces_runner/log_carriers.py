"""Who carries each app's output to its log: one task for each instance that there was."""

import asyncio
from collections.abc import Sequence

from minispaces_contract import logstream
from minispaces_runner.app_logs import forward_logs
from minispaces_runner.effects import Effects
from minispaces_runner.engine import Instance
from minispaces_runner.masking import mask_for

_DRAIN_SECONDS = 1.0


class LogCarriers:
    """The tasks live in the reconciler's group."""

    def __init__(self, effects: Effects) -> None:
        self._do = effects
        self._ledger = effects.ledger
        self._tasks: dict[tuple[str, float], asyncio.Task[None]] = {}

    def follow(self, instance: Instance, group: asyncio.TaskGroup) -> None:
        """One reader follows an app also where its engine started it anew: two would read each line twice."""
        key = (instance.deployment_id, instance.started_at)
        followed = {each for (each, _), task in self._tasks.items() if not task.done()}
        if key not in self._tasks and instance.deployment_id not in followed:
            self._tasks[key] = group.create_task(self._forward(instance.deployment_id))

    def forget_gone(self, instances: Sequence[Instance]) -> None:
        keys = {(instance.deployment_id, instance.started_at) for instance in instances}
        for key in [key for key, task in self._tasks.items() if key not in keys and task.done()]:
            del self._tasks[key]

    async def await_last_lines(self, instance: Instance) -> None:
        """The app's last lines belong before the words about its end."""
        task = self._tasks.get((instance.deployment_id, instance.started_at))
        if task is not None and instance.exit is not None:
            await asyncio.wait([task], timeout=_DRAIN_SECONDS)

    async def _forward(self, deployment_id: str) -> None:
        world = self._ledger.world
        specs = world.deployments if world else ()
        spec = next((spec for spec in specs if spec.id == deployment_id), None)
        build = logstream.build_log(spec.build_id) if spec else None

        def starting_build() -> str | None:
            if self._ledger.of(deployment_id).lived:
                return None
            self._ledger.build_lines[deployment_id] += 1
            return build

        await forward_logs(
            self._do.engine, self._do.redis, deployment_id=deployment_id, build_log=starting_build, mask=mask_for(spec)
        )
