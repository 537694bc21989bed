import os
import sys
from pathlib import Path

import pytest

from minispaces_runner.engine import EngineError
from minispaces_runner.process.copy import copy_tree
from minispaces_runner.process.folder import Folder
from minispaces_runner.process.interpreter import interpreter_prefixes
from minispaces_runner.process.uids import FIRST, LAST, SpaceUids, choose_uid


def test_a_copy_keeps_modes_and_links_and_follows_none(tmp_path):
    source = tmp_path / "source"
    (source / "folder").mkdir(parents=True)
    (source / "run.sh").write_text("#!/bin/sh\n")
    (source / "run.sh").chmod(0o555)
    (source / "out").symlink_to("/etc/passwd")
    (source / "up").symlink_to("../../..")
    os.mkfifo(source / "folder" / "pipe")
    copy_tree(source, tmp_path / "target", owner=None)
    assert sorted(each.name for each in (tmp_path / "target").rglob("*")) == ["folder", "out", "run.sh", "up"]
    assert (tmp_path / "target" / "out").readlink() == Path("/etc/passwd")
    assert (tmp_path / "target" / "run.sh").stat().st_mode & 0o777 == 0o755


def test_a_copy_holds_every_byte_of_a_large_file(tmp_path):
    (tmp_path / "source").mkdir()
    content = os.urandom(1 << 20) * 3
    (tmp_path / "source" / "model.bin").write_bytes(content)
    copy_tree(tmp_path / "source", tmp_path / "target", owner=None)
    assert (tmp_path / "target" / "model.bin").read_bytes() == content


@pytest.mark.root
def test_a_copy_belongs_to_its_app_links_included(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "out").symlink_to("/etc/passwd")
    copy_tree(tmp_path / "source", tmp_path / "target", owner=20_001)
    assert (tmp_path / "target").stat().st_uid == 20_001
    assert (tmp_path / "target" / "out").lstat().st_uid == 20_001
    assert Path("/etc/passwd").stat().st_uid == 0


def test_a_folder_that_its_app_has_locked_can_be_removed(tmp_path):
    folder = Folder(tmp_path / "instance")
    (folder.app / "deep").mkdir(parents=True)
    (folder.app / "deep" / "file").touch()
    (folder.app / "deep").chmod(0)
    folder.app.chmod(0o500)
    folder.remove()
    assert not folder.path.exists()


def make_environment(folder, home):
    (folder / "bin").mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text(f"home = {home}\n")
    return folder


def test_the_installation_behind_an_environment_is_shown(tmp_path):
    environment = make_environment(tmp_path / "env", f"{sys.base_prefix}/bin")
    expected = set() if sys.base_prefix == "/usr" else {Path(sys.base_prefix), Path(sys.base_prefix).resolve()}
    assert set(interpreter_prefixes(environment, data=tmp_path)) == expected


def test_a_package_that_rewrites_its_environment_is_shown_nothing_else(tmp_path):
    secret = tmp_path / "secret"
    (secret / "bin").mkdir(parents=True)
    for home in (secret / "bin", Path("/etc/ssl"), Path("/root/x"), Path("relative/bin")):
        environment = make_environment(tmp_path / f"env{len(str(home))}", home)
        with pytest.raises(EngineError, match="build it again"):
            interpreter_prefixes(environment, data=tmp_path)


def test_no_interpreter_shows_the_data_that_lies_below_it(tmp_path):
    data = tmp_path / "data"
    (tmp_path / "lib" / "python3.11").mkdir(parents=True)
    (tmp_path / "lib" / "python3.11" / "os.py").touch()
    environment = make_environment(data / "env", tmp_path / "bin")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").touch()
    assert interpreter_prefixes(environment, data=data) == ()


def test_a_space_keeps_its_user_id(tmp_path):
    uids = SpaceUids(tmp_path / "uids.json")
    first, second = uids.of("one"), uids.of("two")
    assert len({first, second}) == 2
    assert SpaceUids(tmp_path / "uids.json").of("one") == first


def test_no_two_spaces_share_a_user_id():
    wanted = choose_uid("one", frozenset())
    assert FIRST <= wanted <= LAST
    assert choose_uid("one", frozenset({wanted})) != wanted
    with pytest.raises(EngineError):
        choose_uid("one", frozenset(range(FIRST, LAST + 1)))
