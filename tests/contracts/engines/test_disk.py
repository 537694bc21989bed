"""What an app writes for itself is held to its hardware's disk, or counted at least."""

import pytest
from support.engines import House, ask

from minispaces_contract.messages import Hardware
from minispaces_runner.engine import EngineError
from minispaces_runner.storage.mounts import device_at, is_in_use

pytestmark = [pytest.mark.anyio, pytest.mark.root]
SMALL = Hardware(name="small", memory_mb=512, disk_mb=32)
FILL = """
    import errno, os
    try:
        with open(os.path.expanduser("~/big"), "wb") as file:
            for _ in range(48):
                file.write(bytes(1 << 20))
        answer = "all of it"
    except OSError as error:
        answer = errno.errorcode[error.errno]
"""


async def test_what_an_app_writes_is_held_to_its_disk_or_counted(house: House) -> None:
    instance = await house.run(hardware=SMALL)
    assert await ask(instance, FILL) == ("ENOSPC" if house.engine.keeps_disk else "all of it")
    written = (await house.engine.disk())[instance.deployment_id]
    assert 28 << 20 < written < 64 << 20
    place = house.settings.data.resolve() / "instances" / instance.deployment_id
    assert bool(device_at(place / "home")) is (house.kind == "process")
    await house.engine.stop(instance.deployment_id)
    assert not place.exists()
    assert not is_in_use(place / "disk.img")


async def test_an_app_that_does_not_fit_on_its_disk_says_so(house: House) -> None:
    if house.kind == "docker":
        return  # its image is not on it
    app = house.settings.data / "bundles" / "s1" / "b1" / "app"
    (app / "model").write_bytes(bytes(40 << 20))
    with pytest.raises(EngineError, match="do not fit on its disk: 32 MiB on small"):
        await house.engine.start(house.spec(hardware=SMALL))
