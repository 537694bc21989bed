"""What apps use, and the samples flagged in them, as every engine tells."""

import pytest
from support.engines import House, ask

pytestmark = pytest.mark.anyio

LINK = "import os; os.makedirs('.gradio/flagged'); os.symlink('/etc/passwd', '.gradio/flagged/dataset1.csv')"
PIPE = "import os; os.makedirs('flagged'); os.mkfifo('flagged/log.csv')"
FOLDER_LINK = "import os; os.makedirs('.gradio'); os.symlink('/etc', '.gradio/flagged')"
SAMPLES = """
import os
os.makedirs('.gradio/flagged')
open('.gradio/flagged/dataset1.csv', 'w').write('name,timestamp\\nada,now\\n')
open('.gradio/flagged/other.txt', 'w').write('not this')
"""


async def test_memory_that_an_app_takes_is_seen(house: House) -> None:
    instance = await house.run()
    before = (await house.engine.usage())[instance.deployment_id]
    await ask(instance, "import builtins; builtins.held = bytearray(64 << 20); answer = sum(range(3_000_000))")
    after = (await house.engine.usage())[instance.deployment_id]
    assert after.memory - before.memory > 50 << 20
    assert after.cpu_seconds > before.cpu_seconds
    assert after.received > before.received


async def test_files_that_an_app_writes_are_counted(house: House) -> None:
    instance = await house.run()
    before = (await house.engine.disk())[instance.deployment_id]
    await ask(instance, "open('big', 'wb').write(b'x' * (8 << 20))")
    assert (await house.engine.disk())[instance.deployment_id] - before >= 8 << 20


async def test_flagged_samples_are_read(house: House) -> None:
    instance = await house.run()
    assert await house.engine.flagged(instance.deployment_id) == []
    await ask(instance, SAMPLES)
    assert await house.engine.flagged(instance.deployment_id) == [b"name,timestamp\nada,now\n"]


@pytest.mark.parametrize("trick", [LINK, PIPE, FOLDER_LINK], ids=["link", "pipe", "folder-link"])
async def test_what_an_app_puts_in_their_place_is_left_alone(house: House, trick: str) -> None:
    instance = await house.run()
    await ask(instance, trick)
    assert await house.engine.flagged(instance.deployment_id) == []
