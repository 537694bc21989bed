"""Which Python an app gets."""

import pytest

from minispaces_builder.errors import BuildError
from minispaces_builder.interpreters import (
    Interpreters,
    asked_version,
    default_version,
    nearest,
    search_path,
    substitution,
)


@pytest.mark.parametrize(("written", "asked"), [(None, None), ("3.10", "3.10"), (" 3.12.12 ", "3.12.12")])
def test_versions_are_read_as_written(written, asked):
    assert asked_version(written) == asked


@pytest.mark.parametrize("written", ["2.7", "three", "3.11; id", "3"])
def test_what_is_no_version_is_refused(written):
    with pytest.raises(BuildError, match="is not a version such as"):
        asked_version(written)


@pytest.mark.parametrize(
    ("asked", "available", "best"),
    [
        ("3.12", ["3.11.7", "3.12.1"], "3.12.1"),
        ("3.12", ["3.11.7", "3.13.0"], "3.13.0"),
        ("3.9", ["3.11.7"], "3.11.7"),
        ("3.11.2", ["3.11.7", "3.11.2"], "3.11.2"),
    ],
)
def test_the_nearest_is_taken(asked, available, best):
    assert nearest(asked, available) == best


def test_old_gradio_gets_the_python_of_its_time_if_it_is_here():
    assert default_version("gradio", "4.44.1", there=["3.10", "3.11"], own="3.11") == "3.10"
    assert default_version("gradio", "4.44.1", there=["3.11"], own="3.11") == "3.11"
    assert default_version("gradio", "5.0.0", there=["3.10", "3.11"], own="3.11") == "3.11"


def test_only_another_minor_is_worth_a_warning():
    assert substitution("3.11.2", "3.11.7") is None
    assert (
        substitution("3.9", "3.11.7")
        == "Python 3.9 was asked for but cannot be had here; using the nearest, Python 3.11.7."
    )


def test_a_version_that_cannot_be_had_falls_back(uv, work, tmp_path):
    interpreters = Interpreters(uv, tmp_path / "cache")
    found = interpreters.choose("gradio", None, asked="3.99", work=work)
    assert int(found.version.split(".")[1]) >= int(interpreters.own.version.split(".")[1])


def test_asking_for_the_running_version_starts_no_process(uv, work, tmp_path):
    interpreters = Interpreters(uv, tmp_path / "cache")
    assert interpreters.choose("gradio", None, asked=interpreters.own.minor, work=work) == interpreters.own
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("package", ["gradio", "streamlit", None])
def test_where_no_version_is_asked_for_the_running_one_is_taken_and_nobody_asked(uv, work, tmp_path, package):
    interpreters = Interpreters(uv, tmp_path / "cache")
    assert interpreters.choose(package, None, asked=None, work=work) == interpreters.own
    assert not (tmp_path / "cache").exists()


def test_the_shims_of_pyenv_are_not_asked(monkeypatch, tmp_path):
    """Ten of them took 14 s to say that they run no Python."""
    (tmp_path / "versions/3.10.13/bin").mkdir(parents=True)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}/shims:/usr/bin")
    assert search_path() == f"/usr/bin:{tmp_path}/versions/3.10.13/bin"
