"""Packages without a wheel are built where their code can do no harm."""

import io
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from minispaces_builder.compile_call import Wanted
from minispaces_builder.environments import Environment, Environments, move_in, split_lock
from minispaces_builder.interpreters import Interpreters
from minispaces_builder.requirements import Requirements
from minispaces_builder.resolve import Asker, Resolver
from minispaces_builder.sandbox import View, give_to_sandbox, sandbox_argv

PYTHON = (Path(sys.base_prefix), Path(sys.prefix))
SETUP = """
import os
from setuptools import setup
seen = [path for path in {paths!r} if os.path.exists(path)]
with open("nosy.py", "w") as file:
    file.write(f"UID, SEEN, TOKEN = {{os.getuid()}}, {{seen}}, {{os.environ.get('MINISPACES_INTERNAL_TOKEN')!r}}")
setup(name="minispaces-test-nosy", version="1.0", py_modules=["nosy"])
"""


def test_it_is_nobody_and_sees_only_what_it_is_shown(tmp_path):
    (tmp_path / "secret").write_text("s")
    give_to_sandbox(tmp_path / "work")
    code = (
        "import os, sys; open('written', 'w'); "
        "print(os.getuid(), os.path.exists(sys.argv[1]), os.getpid() < 10, os.environ.get('TOKEN'))"
    )
    argv = [sys.executable, "-I", "-c", code, str(tmp_path / "secret")]
    wrapped = sandbox_argv(argv, View((tmp_path / "work",), PYTHON), env={}, cwd=tmp_path / "work")
    finished = subprocess.run(wrapped, capture_output=True, text=True, env={"TOKEN": "t"})
    uid, *rest = finished.stdout.split()
    assert rest == ["False", "True", "None"], finished.stderr
    assert int(uid) > 0
    assert (tmp_path / "work/written").exists()


def test_without_root_it_gets_a_user_namespace(tmp_path):
    argv = sandbox_argv(["true"], View(()), env={}, cwd=tmp_path, as_root=False)
    assert "--unshare-user" in argv
    assert not any("setpriv" in word for word in argv)


@pytest.fixture
def nosy(tmp_path, uv):
    """A local package index with one source distribution, whose build writes down what it could see."""
    folder = tmp_path / "packages"
    folder.mkdir()
    text = SETUP.format(paths=[str(tmp_path / "data/bundles"), str(uv.cache), "/root/.ssh"]).encode()
    with tarfile.open(folder / "minispaces_test_nosy-1.0.tar.gz", "w:gz") as archive:
        for name, content in {
            "setup.py": text,
            "PKG-INFO": b"Metadata-Version: 2.1\nName: minispaces-test-nosy\nVersion: 1.0\n",
        }.items():
            member = tarfile.TarInfo(f"minispaces_test_nosy-1.0/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return replace(uv, index=replace(uv.index, find_links=(str(folder),)))


@pytest.mark.network
def test_a_source_distribution_is_built_without_seeing_the_server(tmp_path, nosy, open_log, work, monkeypatch):
    monkeypatch.setenv("MINISPACES_INTERNAL_TOKEN", "t0ken")
    data = tmp_path / "data"
    (data / "bundles").mkdir(parents=True)
    resolver = Resolver(nosy, data / "cache")
    python = Interpreters(nosy, data / "cache").own
    with open_log() as log:
        wanted = Wanted(None, None, Requirements(lines=["minispaces-test-nosy"]), python)
        lock = resolver.resolve(wanted, Asker("s1", log, work))
        environment = Environment(python, lock, owner="s1")
        path = Environments(data, nosy).obtain(environment, cache=resolver.space_cache("s1"), log=log, work=work)
    found = subprocess.run(
        [path / "bin/python", "-c", "import nosy; print(nosy.UID > 0, nosy.SEEN, nosy.TOKEN)"],
        capture_output=True,
        text=True,
    )
    assert (lock.builds_code, found.stdout) == (True, "True [] None\n"), log.text + found.stderr
    assert "built from source, in a sandbox" in log.text
    assert replace(environment, owner="s2").key != environment.key


def test_what_the_sandbox_made_replaces_files_and_never_writes_into_them(tmp_path):
    made, site = tmp_path / "made", tmp_path / "site"
    (made / "pkg").mkdir(parents=True)
    (site / "pkg").mkdir(parents=True)
    (tmp_path / "shared").write_text("shared")
    (site / "pkg/a.py").hardlink_to(tmp_path / "shared")
    (made / "pkg/a.py").write_text("own")
    (made / "pkg/link").symlink_to("/etc/passwd")
    move_in(made, site)
    assert (site / "pkg/a.py").read_text() == "own"
    assert (tmp_path / "shared").read_text() == "shared"
    assert not (site / "pkg/link").is_symlink()


def test_sources_are_told_from_wheels():
    text = "a==1\n# note\nb @ git+https://example.org/b@1\nc @ https://example.org/c-1-py3-none-any.whl\n"
    wheels, sources = split_lock(text)
    assert wheels == ["a==1", "c @ https://example.org/c-1-py3-none-any.whl"]
    assert sources == ["b @ git+https://example.org/b@1"]
