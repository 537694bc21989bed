"""A build's part of the machine, proved from inside of it."""

import sys
from pathlib import Path

import pytest

from minispaces_builder.build_group import ROOT, build_group, is_version_1
from minispaces_builder.buildkit_group import limit_buildkit
from minispaces_builder.docker_cli import ImageBuild, build_argv, find_docker
from minispaces_builder.errors import BuildError
from minispaces_builder.sandbox import View, give_to_sandbox, sandbox_argv
from minispaces_builder.settings import BuilderSettings
from minispaces_builder.work import Work

pytestmark = pytest.mark.root
PYTHON = (Path(sys.base_prefix), Path(sys.prefix))


@pytest.fixture
def settings(tmp_path):
    return BuilderSettings(data=tmp_path, build_memory_mb=64, build_pids=40, build_cpu_share=0.1)


@pytest.fixture
def run(settings):
    """Runs Python as a step of a build; gives what it printed."""
    with build_group(settings, "b1") as group:
        work = Work(minutes=1, group=group)
        yield lambda code: work.run([sys.executable, "-I", "-c", code]).out.strip()


def groups_of(settings):
    return list(ROOT.glob(f"**/minispaces-{settings.installation[:4]}-builds/*/"))


@pytest.mark.docker
@pytest.mark.skipif(not is_version_1(), reason="in version 2 the group is the engine's to choose")
def test_buildkit_is_held_to_what_all_builds_may_have(tmp_path, base_image):
    limit_buildkit(settings := BuilderSettings(data=tmp_path))
    look = "grep hierarchical_memory_limit /sys/fs/cgroup/memory/memory.stat"
    (tmp_path / "Dockerfile").write_text(f"FROM {base_image}\nRUN echo {tmp_path}; {look}\n")
    lines: list[str] = []
    build = ImageBuild(tmp_path, tmp_path / "Dockerfile", tmp_path / "id")
    Work(minutes=1).run(build_argv(find_docker(), build), env=find_docker().env(), on_line=lines.append)
    find_docker().run(Work(minutes=1), ["image", "rm", "--force", (tmp_path / "id").read_text()])
    together = settings.build_memory_mb * settings.builds_at_once << 20
    assert [line for line in lines if f"hierarchical_memory_limit {together}" in line], lines


def is_running(pid):
    """A zombie that nobody has waited for yet has no command line."""
    file = Path(f"/proc/{pid}/cmdline")
    return file.exists() and file.read_bytes() != b""


def test_a_step_is_in_the_builds_own_group_and_gives_way(run, settings):
    seen = run("import os; print(open('/proc/self/cgroup').read(), os.nice(0))")
    assert f"/minispaces-{settings.installation[:4]}-builds/b1" in seen
    assert seen.endswith(" 10")
    parent = f"minispaces-{settings.installation[:4]}-builds"
    file = ROOT / "cpu" / parent / "cpu.shares" if is_version_1() else ROOT / parent / "cpu.weight"
    assert int(file.read_text()) == (102 if is_version_1() else 10)


def test_a_session_without_a_group_gives_way_to_other_sessions():
    """The kernel compares niceness within a session only, unless it was built without groups by session."""
    asked = "import os; name = '/proc/self/autogroup'; print(os.path.exists(name) and open(name).read())"
    said = Work(minutes=1).run([sys.executable, "-I", "-c", asked]).out.strip()
    assert said == "False" or said.endswith(" nice 10")


def test_too_much_memory_ends_the_step_and_is_told_in_words(run):
    with pytest.raises(BuildError, match=r"more memory than builds may use here: 0\.0625 GiB"):
        run("kept = [bytearray(b'x') * (1 << 22) for _ in range(64)]")


def test_too_many_processes_are_refused_and_told_in_words(run):
    with pytest.raises(BuildError, match="more processes than builds may have here: 40"):
        run("import subprocess; made = [subprocess.Popen(['sleep', '9'], stdout=-3, stderr=-3) for _ in range(60)]")


def test_what_a_build_leaves_running_goes_with_it(settings):
    with build_group(settings, "b2") as group:
        work = Work(minutes=1, group=group)
        code = "import subprocess; print(subprocess.Popen(['sleep', '99'], stdout=-3, stderr=-3).pid)"
        pid = int(work.run([sys.executable, "-c", code]).out)
        assert is_running(pid)
    assert not groups_of(settings)
    assert not is_running(pid)


def test_strangers_code_in_the_sandbox_is_held_as_well(settings, tmp_path):
    give_to_sandbox(tmp_path / "work")
    code = "kept = [bytearray(b'x') * (1 << 22) for _ in range(64)]"
    argv = sandbox_argv(
        [sys.executable, "-I", "-c", code], View((tmp_path / "work",), PYTHON), env={}, cwd=tmp_path / "work"
    )
    with build_group(settings, "b3") as group, pytest.raises(BuildError, match="more memory"):
        Work(minutes=1, group=group).run(argv)
