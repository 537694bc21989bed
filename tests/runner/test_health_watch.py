"""Whom the health watch asks for a page: requests of its own are work for an app, and lines in its log."""

from contextlib import suppress

import httpx2
import pytest
from support.platform_door import deployment

from minispaces_runner.health_watch import HealthWatch

pytestmark = pytest.mark.anyio
DEMO = "ada-demo.apps.test"


async def ask_in_vain(lab, path):
    with suppress(httpx2.TransportError):
        await lab.proxy.get(DEMO, path, timeout=0.2)


async def test_only_one_that_keeps_somebody_waiting_is_asked_for_a_page(lab):
    spec = deployment(1)
    await lab.change(spec)
    await lab.until("running", spec)
    watch = HealthWatch(lab.reconciler._do, unanswered_seconds=300)

    async def asked_after(visit):
        await visit
        await watch.go_round(now=0)
        return (await lab.engine.tail(spec.id, lines=100)).count("app: asked how it is")

    assert await asked_after(lab.proxy.get(DEMO)) == 0
    assert await asked_after(lab.proxy.get(DEMO)) == 0
    assert await asked_after(ask_in_vain(lab, "/ponder")) == 1
    assert await asked_after(lab.proxy.get(DEMO)) == 1
    assert lab.reconciler._do.ledger.of(spec.id).silence is None
