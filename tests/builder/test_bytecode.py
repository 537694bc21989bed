"""Compiled Python is made once and shared by hard links."""

import json
import os
import sys

import pytest

from minispaces_builder.bytecode import cached_name, compile_argv, compile_environment, link_bytecode
from minispaces_builder.work import Work

FOLDER = f"python{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def make_environment(tmp_path):
    """An environment with one distribution, as an installer leaves it; sources are hard links of one cached file."""
    cached = tmp_path / "cached.py"
    cached.write_text("VALUE = 1\n")

    def make(name, *, version="1.0", owner=""):
        site = tmp_path / "environments" / name / "lib" / FOLDER / "site-packages"
        info = site / f"demo-{version}.dist-info"
        info.mkdir(parents=True)
        (site / "demo").mkdir()
        os.link(cached, site / "demo/one.py")
        (info / "RECORD").write_text("demo/one.py,sha256=x,10\ndemo/data.txt,,\n../../../bin/demo.py,,\n")
        facts = {"python": sys.executable, "version": "3.11.7", "owner": owner}
        (site.parents[2] / ".complete").write_text(json.dumps(facts))
        return site.parents[2]

    return make


def compiled(environment):
    return environment / "lib" / FOLDER / "site-packages" / cached_name(environment.__class__("demo/one.py"), FOLDER)


def test_an_environment_is_compiled_once(make_environment):
    environment = make_environment("a")
    assert compile_environment(environment, Work(minutes=1))
    assert compiled(environment).exists()
    assert compile_argv(environment) is None


def test_a_new_environment_gets_the_bytecode_of_the_same_version(make_environment, tmp_path):
    donor = make_environment("a")
    compile_environment(donor, Work(minutes=1))
    same, other = make_environment("b"), make_environment("c", version="2.0")
    assert [link_bytecode(path, tmp_path / "environments") for path in (same, other)] == [1, 0]
    assert compiled(same).stat().st_ino == compiled(donor).stat().st_ino
    assert not compiled(other).exists()


def test_linked_bytecode_is_what_python_would_use(make_environment, tmp_path):
    compile_environment(make_environment("a"), Work(minutes=1))
    environment = make_environment("b")
    link_bytecode(environment, tmp_path / "environments")
    before = compiled(environment).stat().st_mtime_ns
    site = environment / "lib" / FOLDER / "site-packages"
    assert (
        os.spawnv(
            os.P_WAIT,
            sys.executable,
            [sys.executable, "-c", f"import sys; sys.path[:0]=[{str(site)!r}]; import demo.one"],
        )
        == 0
    )
    assert compiled(environment).stat().st_mtime_ns == before


def test_an_environment_that_is_not_compiled_gives_nothing(make_environment, tmp_path):
    make_environment("a")
    assert link_bytecode(make_environment("b"), tmp_path / "environments") == 0


def test_what_strangers_code_built_is_given_to_nobody(make_environment, tmp_path):
    assert compile_environment(make_environment("a", owner="space-1"), Work(minutes=1))
    assert link_bytecode(make_environment("b"), tmp_path / "environments") == 0
