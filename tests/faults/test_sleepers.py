"""R27 and R36: a sleeping app starts once however many come, and nothing grows while apps sleep and wake for long."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from faults.calling import put_to_sleep
from faults.conftest import STATIC
from faults.remains import things
from support.waiting import wait_for

from minispaces_platform.installation import run_folder

VISITORS, WAKES = 100, 4
MORE_DESCRIPTORS, MORE_MEGABYTES = 20, 50
"""What a part may hold more at the end: connections come and go, and caches fill."""


def test_r27_a_hundred_visitors_of_a_sleeping_app_are_all_answered_by_one_start(
    *, at, person, tmp_path, rounds, figure
):
    wait_for(lambda: instances(at) == 0, seconds=60)
    assert person.work_on("site", tmp_path / "site", STATIC).push().returncode == 0
    host, seen = person.host_of("site"), Counter()
    for _ in range(rounds):
        put_to_sleep(person, "site")
        wait_for(lambda: instances(at) == 0, seconds=60)
        with ThreadPoolExecutor(VISITORS) as pool:
            seen.update(pool.map(lambda _: at.get(host).status_code, range(VISITORS)))
        assert instances(at) == 1
    figure(f"{rounds} times {VISITORS} visitors: {dict(seen)}")
    assert seen == {200: rounds * VISITORS}


def test_r36_nothing_grows_over_many_versions_and_wakes(*, at, person, tmp_path, rounds, figure):
    wait_for(lambda: instances(at) == 0, seconds=60)
    tree = person.work_on("site", tmp_path / "site", STATIC)
    assert tree.push().returncode == 0
    looks = []
    for turn in range(1, 2 * rounds + 1):
        tree.commit({"index.html": f"<p>turn {turn}</p>"})
        assert tree.push().returncode == 0
        for _ in range(WAKES):
            put_to_sleep(person, "site")
            assert f"turn {turn}<" in at.get(person.host_of("site")).text
        wait_for(lambda: instances(at) == 1, seconds=60)
        looks.append(look(at))
    early, late = looks[len(looks) // 3], looks[-1]
    grown = {name: f"{early[name]} -> {late[name]}" for name in early if late[name] != early[name]}
    figure(f"{2 * rounds} versions, {2 * rounds * WAKES} wakes; since a third of that: {grown}")
    assert late["things"] == early["things"]
    assert all(late[name] - early[name] <= MORE_DESCRIPTORS for name in early if name.startswith("descriptors"))
    assert all(late[name] - early[name] <= MORE_MEGABYTES for name in early if name.startswith("megabytes"))


def instances(at) -> int:
    return sum(each.is_dir() for each in (at.data / "instances").iterdir())


def look(at) -> dict[str, int]:
    """Bundles, logs and previews of versions stay for a while, by rule."""
    found = {"things": sum(not thing.startswith(("bundles/", "builds/")) and "--" not in thing for thing in things(at))}
    for name, (pid, _) in json.loads((run_folder(at.data) / "pids.json").read_text()).items():
        process = Path(f"/proc/{pid}")
        resident = next(line for line in (process / "status").read_text().splitlines() if line.startswith("VmRSS"))
        found[f"descriptors of {name}"] = len(list((process / "fd").iterdir()))
        found[f"megabytes of {name}"] = int(resident.split()[1]) // 1024
    return found
