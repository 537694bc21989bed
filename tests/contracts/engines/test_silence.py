"""How an app sounds that hangs or has closed its port, on every engine."""

import asyncio

import pytest
from support.engines import House, ask

from minispaces_runner.health import Heard, Knock
from minispaces_runner.knocking import knock
from minispaces_runner.progress import target_of

pytestmark = pytest.mark.anyio
CLOSE = "import __main__; __main__.server.socket.shutdown(2)"
HANG = """
import __main__, time
__main__.server.process_request = lambda *_: time.sleep(600)
"""


async def test_silence_is_heard_and_told_from_a_closed_port(house: House) -> None:
    hanging, closed = await asyncio.gather(house.run(), house.run())

    async def heard(instance, kind):
        return await knock(target_of(instance), kind, host="h.test", seconds=1)

    assert await heard(hanging, Knock.ASK) is Heard.ANSWER
    await ask(hanging, HANG)
    assert await heard(hanging, Knock.ASK) is Heard.NOTHING
    assert await heard(closed, Knock.TRY) is Heard.ANSWER
    await ask(closed, CLOSE)
    assert await heard(closed, Knock.TRY) is Heard.CLOSED
