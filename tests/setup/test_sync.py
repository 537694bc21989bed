"""The commands that fill the environment."""

import sys

from sync import CACHE, VENV, environment_of_uv, plan


def test_the_lock_is_installed_as_it_is():
    assert plan("uv", ["test"], project=True, index=None, new=False) == [
        ["uv", "sync", "--inexact", "--frozen", "--no-default-groups", "--group=test"]
    ]


def test_a_new_environment_takes_the_python_that_runs_the_set_up():
    (command,) = plan("uv", [], project=False, index=None, new=True)
    assert command[-3:] == ["--python", sys.executable, "--no-install-project"]


def test_from_another_index_the_locked_hashes_are_installed():
    venv, export, install, project = plan("uv", ["lint"], project=True, index="https://m/simple", new=False)
    assert venv == ["uv", "venv", "--allow-existing", str(VENV)]
    assert {"--frozen", "--group=lint", str(CACHE / "requirements.txt")} <= set(export)
    assert {"--require-hashes", str(CACHE / "requirements.txt")} <= set(install)
    assert project[-2:] == ["--editable", "."]


def test_another_environment_that_is_active_is_left_alone():
    told = environment_of_uv({"VIRTUAL_ENV": "/elsewhere", "HOME": "/nonexistent", "LANG": "C"})
    assert "VIRTUAL_ENV" not in told
    assert told["LANG"] == "C"


def test_packages_are_kept_here_where_there_is_no_home(tmp_path):
    assert environment_of_uv({"HOME": str(tmp_path / "gone")})["UV_CACHE_DIR"] == str(CACHE / "packages")
    assert environment_of_uv({})["UV_CACHE_DIR"] == str(CACHE / "packages")
    assert "UV_CACHE_DIR" not in environment_of_uv({"HOME": str(tmp_path)})
