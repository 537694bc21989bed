from pathlib import Path

import pytest

from minispaces_contract.messages import Hardware
from minispaces_runner.engine import EngineError, Exit
from minispaces_runner.process.cgroups import limits, parse_mounts
from minispaces_runner.process.jail import Jail, app_command, app_environment, jail_arguments
from minispaces_runner.process.sockets import parse_listening
from minispaces_runner.process.teardown import decode_exit
from minispaces_runner.variables import checked_variables

MOUNTS = """\
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
33 31 0:30 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory
34 31 0:31 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
"""
TCP6 = """\
  sl  local_address                         remote_address                        st tx_queue rx_queue
   0: 00000000000000000000000000000000:1EB4 00000000000000000000000000000000:0000 0A 00000000:00000000
   1: 00000000000000000000000001000000:1F40 00000000000000000000000000000000:0000 0A 00000000:00000000
   2: 0000000000000000FFFF00000100007F:1F41 0000000000000000FFFF00000100007F:0050 01 00000000:00000000
"""


def jail(**changes):
    return Jail(home=Path("/d/home"), etc=Path("/d/etc"), env={"A": "1"}, scratch_bytes=9, **changes)


def test_what_is_shown_is_read_only_and_reachable():
    words = " ".join(jail_arguments(jail(environment=Path("/srv/data/env")), root_links={"/lib": "usr/lib"}))
    assert "--ro-bind /srv/data/env /srv/data/env" in words
    assert "--perms 0755 --dir /srv/data" in words
    assert words.index("--dir /srv/data") < words.index("--ro-bind /srv/data/env")
    assert words.index("--bind /d/home /home/user") < words.index("--remount-ro /")


def test_without_root_the_app_is_user_1000_of_its_own_namespace():
    assert "--unshare-user" in jail_arguments(jail(), root_links={})
    assert "--unshare-user" not in jail_arguments(jail(uid=20_001), root_links={})


def test_rights_are_given_up_before_the_app_begins():
    command = app_command(("python", "app.py"), uid=20_001, most_files=20_000)
    assert command[:2] == ["/usr/bin/prlimit", "--core=0:0"]
    assert "--nofile=4096:20000" in command
    assert command[command.index("--bounding-set=-all") :][-2:] == ["python", "app.py"]


def test_programs_of_the_environment_are_found_first():
    env = app_environment(Path("/e"), {"PATH": "/mine", "A": "artifact"}, {"A": "space"})
    assert (env["PATH"], env["A"], env["HOME"]) == ("/e/bin:/mine", "space", "/home/user")


@pytest.mark.parametrize(("name", "value"), [("A", "x\0y"), ("A=B", "x"), ("", "x")])
def test_a_variable_that_no_process_can_have_is_refused_by_name(name, value):
    with pytest.raises(EngineError, match="cannot be set"):
        checked_variables({name: value})


def test_the_swap_counts_as_memory_in_both_versions_of_cgroups():
    hardware = Hardware(cpus=1.5, memory_mb=1)
    assert ("memory", "memory.memsw.limit_in_bytes", "1048576") in limits(1, hardware)
    assert ("cpu", "cpu.cfs_quota_us", "150000") in limits(1, hardware)
    assert ("memory", "memory.swap.max", "0") in limits(2, hardware)
    assert ("cpu", "cpu.max", "150000 100000") in limits(2, hardware)


def test_controllers_are_found_where_they_are_mounted():
    assert parse_mounts(MOUNTS, version=1) == {
        "rw": Path("/sys/fs/cgroup/memory"),
        "cpu": Path("/sys/fs/cgroup/cpu,cpuacct"),
        "cpuacct": Path("/sys/fs/cgroup/cpu,cpuacct"),
        "memory": Path("/sys/fs/cgroup/memory"),
    }
    assert parse_mounts(MOUNTS, version=2) == {"": Path("/sys/fs/cgroup/unified")}


def test_listening_addresses_are_readable():
    assert parse_listening(TCP6) == ["[::]:7860", "[::1]:8000"]


@pytest.mark.parametrize(
    ("code", "out_of_memory", "expected"),
    [
        (0, True, Exit(code=0)),
        (3, False, Exit(code=3)),
        (137, True, Exit(signal=9, out_of_memory=True)),
        (1, True, Exit(code=1, out_of_memory=True)),
        (255, False, Exit(code=255)),
        (None, False, Exit()),
    ],
)
def test_codes_and_signals_are_told_apart(code, out_of_memory, expected):
    assert decode_exit(code, out_of_memory=out_of_memory) == expected
