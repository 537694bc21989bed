"""What is asked of the resolver, and what is given up in which order."""

from datetime import date

import pytest

from minispaces_builder.attempts import Attempt, Pin, attempts, pin_of
from minispaces_builder.compile_call import Wanted, compile_argv
from minispaces_builder.interpreter import Interpreter
from minispaces_builder.releases import as_of_release, find_version, release_dates
from minispaces_builder.requirements import read_requirements

TODAY = date(2026, 6, 1)


def requirements(repository, text=""):
    return read_requirements(repository({"requirements.txt": text}))


def sdk_lines(version: str | None, as_of: date | None = None) -> list[str]:
    return [attempt.lines[0] for attempt in attempts("gradio", Pin(version), as_of=as_of)]


def test_the_hubs_own_build_is_tried_first():
    first = attempts("gradio", Pin("6.0.0"), as_of=None)[0]
    assert {"gradio[oauth,mcp]==6.0.0", "uvicorn>=0.14.0", "websockets>=10.4", "spaces"} <= set(first.lines)
    assert first.note is None


def test_then_mcp_then_spaces_then_the_date_are_given_up():
    ladder = attempts("gradio", Pin("5.0.0"), as_of=date(2024, 11, 1))
    assert [attempt.lines[0] for attempt in ladder] == [
        "gradio[oauth,mcp]==5.0.0",
        "gradio[oauth]==5.0.0",
        "gradio==5.0.0",
        "gradio==5.0.0",
        "gradio==5.0.0",
    ]
    assert ["spaces" in attempt.lines for attempt in ladder] == [True, True, False, False, False]
    assert [attempt.as_of is None for attempt in ladder] == [False, False, False, False, True]
    assert all(attempt.note for attempt in ladder[1:])


def test_each_major_gets_the_extras_that_it_has():
    assert sdk_lines("4.44.1")[0] == "gradio[oauth]==4.44.1"
    assert sdk_lines("3.50.2")[0] == "gradio==3.50.2"
    assert sdk_lines(None)[0] == "gradio[oauth,mcp]"


def test_old_packages_find_the_setuptools_that_they_import():
    assert "setuptools<81" in attempts("streamlit", Pin("1.25.0"), as_of=date(2023, 9, 1))[0].lines
    assert "setuptools<81" not in attempts("streamlit", Pin("1.50.0"), as_of=date(2025, 9, 1))[0].lines


def test_a_static_site_needs_only_its_server():
    assert attempts(None, Pin(), as_of=None) == [Attempt(("starlette", "uvicorn"))]


@pytest.mark.parametrize(
    ("sdk_version", "text", "pin"),
    [
        ("4.44.1", "", Pin("4.44.1")),
        ("4.44.1", "gradio", Pin("4.44.1")),
        ("4.44.1", "gradio>=4", Pin("4.44.1")),
        ("latest", "", Pin(None)),
        (None, "gradio==4.44.1", Pin("4.44.1", spelled=True)),
        (None, "gradio>=4", Pin(None, spelled=True)),
    ],
)
def test_front_matter_and_requirements_agree(repository, sdk_version, text, pin):
    assert pin_of("gradio", sdk_version, requirements(repository, text)) == pin


def test_requirements_that_contradict_the_front_matter_win_with_a_warning(repository):
    pin = pin_of("gradio", "6.19.0", requirements(repository, "gradio==3.50.2"))
    assert (pin.version, pin.spelled) == ("3.50.2", True)
    assert pin.warning
    assert "sdk_version 6.19.0, but requirements.txt says gradio==3.50.2" in pin.warning


def test_open_dependencies_are_dated_but_pins_and_undated_files_are_exempt(repository):
    wanted = Wanted("gradio", None, requirements(repository, "numpy==2.0\ntorch\npandas"), Interpreter("3.11.7", "/py"))
    attempt = Attempt(("gradio",), date(2024, 11, 14))
    argv = compile_argv(wanted, attempt, undated=frozenset({"torch"}))
    exempt = [argv[place + 1] for place, word in enumerate(argv) if word == "--exclude-newer-package"]
    assert exempt == ["numpy=false", "torch=false"]
    assert argv[argv.index("--exclude-newer") + 1] == "2024-11-14"


def test_the_date_is_45_days_after_the_release_never_before_march_2023_and_never_in_the_future():
    assert as_of_release(date(2024, 9, 30), today=TODAY) == date(2024, 11, 14)
    assert as_of_release(date(2022, 6, 1), today=TODAY) == date(2023, 3, 1)
    assert as_of_release(date(2026, 5, 20), today=TODAY) is None


@pytest.mark.parametrize(
    ("wanted", "found"), [("4.44.1", "4.44.1"), ("3.50", "3.50.2"), ("3.2", "3.2"), ("9.9", None), ("x;y", None)]
)
def test_a_version_that_yaml_shortened_is_found(wanted, found):
    known = dict.fromkeys(("3.2", "3.50.0b1", "3.50.1", "3.50.2", "4.44.1"), TODAY)
    assert find_version(wanted, known) == found


def test_a_release_is_dated_by_its_first_file():
    page = {
        "files": [
            {"filename": "gradio-4.0.0-py3-none-any.whl", "upload-time": "2023-11-01T10:00:00Z"},
            {"filename": "gradio-4.0.0.tar.gz", "upload-time": "2023-10-31T09:00:00Z"},
            {"filename": "gradio-4.0.1.tar.gz"},
            {"filename": "nonsense.exe", "upload-time": "2023-10-31T09:00:00Z"},
        ]
    }
    assert release_dates(page) == {"4.0.0": date(2023, 10, 31)}
