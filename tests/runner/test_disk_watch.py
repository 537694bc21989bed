"""An app that writes more than its hardware's disk is stopped in words, or told so where the engine holds it."""

import pytest
from support.eventually import eventually
from support.platform_door import deployment

from minispaces_contract import logstream
from minispaces_contract.messages import Hardware
from minispaces_runner.containers.probe import keeps_sizes
from minispaces_runner.disk_watch import DiskWatch, Filled, is_filled

pytestmark = pytest.mark.anyio
SMALL = Hardware(name="small", memory_mb=256, disk_mb=1024)
MIB = 1 << 20


@pytest.fixture
async def app(lab):
    spec = deployment(1).model_copy(update={"hardware": SMALL})
    await lab.change(spec)
    await lab.until("running", spec)
    return spec


async def test_who_wrote_too_much_is_stopped_and_the_report_says_how_much(lab, app):
    lab.engine.written[app.id] = 2048 * MIB
    await DiskWatch(lab.reconciler._do).look()
    await lab.until("failed", app)
    words = lab.door.last(app.id).detail
    assert words.startswith("The app was stopped because it wrote 2 GiB and may write 1 GiB on small. Write less")
    lab.reconciler.cue()
    await eventually(lambda: app.id not in lab.engine._apps)
    assert (await lab.proxy.get(app.host)).status_code == 503


async def test_who_has_filled_a_disk_that_is_held_is_told_so_once_in_its_log(lab, app):
    lab.engine.keeps_disk, lab.engine.written[app.id] = True, 1023 * MIB
    watch = DiskWatch(lab.reconciler._do)
    for _ in range(2):
        await watch.look()
    said = [entry.text for entry in await logstream.read(lab.client, logstream.app_log(app.id))]
    assert [line for line in said if "has filled its disk: 1 GiB on small" in line] == [said[-1]]
    assert lab.door.statuses(app.id)[-1] == "running"


@pytest.mark.parametrize(
    ("written", "kept", "expected"),
    [(900, True, Filled.NO), (1000, True, Filled.FULL), (1000, False, Filled.NO), (1025, False, Filled.OVER)],
)
def test_a_disk_is_full_a_little_before_its_end_and_too_much_is_what_is_over_it(written, kept, expected):
    spec = deployment(1).model_copy(update={"hardware": SMALL})
    assert is_filled(spec, written * MIB, kept=kept) is expected
    unlimited = spec.model_copy(update={"hardware": Hardware()})
    assert is_filled(unlimited, 1 << 50, kept=kept) is Filled.NO


@pytest.mark.parametrize(
    ("driver", "backing", "options", "expected"),
    [
        ("overlay2", "xfs", "rw,noatime,prjquota", True),
        ("overlay2", "xfs", "rw,noatime", False),
        ("overlay2", "extfs", "rw,prjquota", False),
        ("btrfs", "", "rw", True),
        ("vfs", "", "rw", False),
    ],
)
def test_which_docker_engines_hold_containers_to_a_size(driver, backing, options, expected):
    info = {"Driver": driver, "DriverStatus": [["Backing Filesystem", backing]], "DockerRootDir": "/var/lib/docker"}
    assert keeps_sizes(info, f"/dev/a / ext4 rw 0 0\n/dev/b /var/lib/docker xfs {options} 0 0\n") is expected
