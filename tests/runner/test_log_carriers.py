"""An app that its engine starts anew has one reader: two would write each line twice."""

from dataclasses import replace

import pytest
from support.eventually import eventually
from support.platform_door import deployment

from minispaces_contract import logstream

pytestmark = pytest.mark.anyio


async def test_a_line_is_not_written_twice_after_a_second_start(lab):
    spec = deployment(1)
    await lab.change(spec)
    await lab.until("running", spec)
    (instance,) = await lab.engine.instances()
    carriers = lab.reconciler._logs
    for later in (1, 2):
        again = replace(instance, started_at=instance.started_at + later)
        carriers.follow(again, lab.reconciler._group)
    await lab.proxy.get(spec.host, "/say")

    async def logged():
        return [entry.text for entry in await logstream.read(lab.client, logstream.app_log(spec.id))]

    async def is_said():
        return "app: something" in await logged()

    await eventually(is_said)
    assert len(carriers._tasks) == 1
    assert (await logged()).count("app: something") == 1
