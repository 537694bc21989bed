"""Apps that were up and then stop answering while they run: noticed, restarted, and said."""

from contextlib import suppress

import httpx2
import pytest
from support.eventually import eventually
from support.platform_door import deployment

from minispaces_contract import logstream

pytestmark = pytest.mark.anyio
DEMO = "ada-demo.apps.test"


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"unanswered_seconds": 1.0})


async def ask_in_vain(lab, path):
    with suppress(httpx2.TransportError):
        await lab.proxy.get(DEMO, path, timeout=0.2)


async def is_started_again(lab, spec):
    def has():
        lab.reconciler.cue()
        return len(lab.engine.starts) == 2

    await eventually(has)
    await lab.until("running", spec)


@pytest.mark.parametrize(
    ("path", "words"),
    [("/hang", "The app stopped answering for "), ("/close", "Nothing listened on port 7860 for ")],
)
async def test_it_is_restarted_and_its_page_and_its_log_say_why(lab, path, words):
    spec = deployment(1)
    await lab.change(spec)
    await lab.until("running", spec)
    assert lab.door.last(spec.id).detail is None
    await ask_in_vain(lab, path)
    await is_started_again(lab, spec)
    assert (await lab.proxy.get(DEMO)).status_code == 200
    said = lab.door.last(spec.id).detail
    assert said.startswith(words)
    assert "It was started again on" in said
    assert said in [entry.text for entry in await logstream.read(lab.client, logstream.app_log(spec.id))]
