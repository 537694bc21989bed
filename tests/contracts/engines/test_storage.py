"""What a Space keeps at /data, on every engine: its own, as large as was agreed, and there after everything."""

import asyncio
import uuid
from pathlib import Path

import pytest
from support.engines import House, ask

from minispaces_contract.messages import DeploymentSpec, Storage
from minispaces_runner.storage.mounts import device_at, is_in_use

pytestmark = pytest.mark.anyio
WRITE = "open('/data/kept', 'w').write('of version 1'); answer = 'written'"
READ = "answer = open('/data/kept').read()"


@pytest.fixture
async def kept(house: House) -> Storage:
    return Storage(id=f"v{uuid.uuid4().hex[:10]}", size_mb=64)


def spec_with(house: House, storage: Storage | None, **changes: object) -> DeploymentSpec:
    return house.spec(space="same", storage=storage, **changes)


async def test_files_at_data_outlive_versions_and_a_start_of_the_runner(house: House, kept: Storage) -> None:
    first = await house.run(space="same", storage=kept)
    assert await ask(first, WRITE) == "written"
    second = await house.run(space="same", storage=kept)
    assert await ask(second, READ) == "of version 1"
    await house.engine.stop(first.deployment_id)
    await house.engine.aclose()
    house.engine = await house.open(house.settings)
    assert await ask(second, READ) == "of version 1"
    await house.engine.stop(second.deployment_id)
    assert await ask(await house.run(space="same", storage=kept), READ) == "of version 1"


async def test_another_space_sees_its_own_storage_or_none(house: House, kept: Storage) -> None:
    other = kept.model_copy(update={"id": f"{kept.id}x"})
    holder, stranger, without = await asyncio.gather(
        house.run(space="same", storage=kept), house.run(storage=other), house.run()
    )
    assert await ask(holder, WRITE) == "written"
    look = "import os; answer = os.listdir('/data') if os.path.isdir('/data') else 'no folder'"
    assert await ask(stranger, look) == "[]"
    assert await ask(without, look) in {"no folder", "[]"}


async def test_a_preview_has_an_empty_folder_that_goes_with_it(house: House) -> None:
    instance = await house.run(storage=Storage())
    assert await ask(instance, WRITE) == "written"
    await house.engine.stop(instance.deployment_id)
    look = "import os; answer = os.listdir('/data')"
    assert await ask(await house.run(storage=Storage()), look) == "[]"
    assert list(house.settings.storage_folder.iterdir()) == []


@pytest.mark.root
async def test_the_size_is_kept_by_the_kernel_and_grows(house: House, kept: Storage) -> None:
    instance = await house.run(space="same", storage=kept)
    fill = """
        import errno
        try:
            with open("/data/big", "wb") as file:
                for _ in range(80):
                    file.write(bytes(1 << 20))
            answer = "all of it"
        except OSError as error:
            answer = errno.errorcode[error.errno]
    """
    assert await ask(instance, fill) == "ENOSPC"
    [seen] = house.engine.volumes.usage()
    assert 50 << 20 < seen.used <= seen.size <= 64 << 20
    await house.engine.stop(instance.deployment_id)
    larger = kept.model_copy(update={"size_mb": 128})
    assert await ask(await house.run(space="same", storage=larger), fill) == "all of it"


@pytest.mark.root
async def test_giving_storage_up_leaves_no_file_no_mount_and_no_device(house: House, kept: Storage) -> None:
    instance = await house.run(space="same", storage=kept)
    await ask(instance, WRITE)
    folder = house.settings.storage_folder / str(kept.id)
    assert device_at(folder / "mount")
    house.engine.volumes.remove(str(kept.id))
    await house.engine.stop(instance.deployment_id)
    assert not folder.exists()
    assert device_at(folder / "mount") is None
    assert not is_in_use(folder / "disk.img")


async def test_clearing_unmounts_and_keeps_the_files(house: House, kept: Storage) -> None:
    await ask(await house.run(space="same", storage=kept), WRITE)
    await house.engine.clear()
    folder = house.settings.storage_folder / str(kept.id)
    assert str(folder) not in Path("/proc/self/mountinfo").read_text()
    house.engine, house.forks = await house.open(house.settings), False
    assert await ask(await house.run(space="same", storage=kept), READ) == "of version 1"
