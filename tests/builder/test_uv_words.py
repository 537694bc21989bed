"""What people read when packages cannot be had."""

import pytest

from minispaces_builder.uv_words import is_hopeless, last_lines, needs_build, summary

MISSING = (
    "error: No solution found when resolving dependencies\n"
    "  cause: Because no-such-thing was not found in the package registry and you require no-such-thing, we can\n"
)
CONFLICT = (
    "warning: something\nerror: No solution found when resolving dependencies\n"
    "  cause: Because gradio==4.44.1 depends on pydantic>=2.0 and you require pydantic<2, we can conclude\n"
    "\nhint: use --prerelease\n"
)
WHEELS = "  cause: Because ffmpy==0.3.0 has no usable wheels and you require ffmpy==0.3.0\n"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MISSING, "no package named no-such-thing"),
        (CONFLICT, "do not fit together"),
        ("  × Failed to build `pycrypto==2.6`\n", "pycrypto==2.6 has no wheel"),
        ("there is no version of numpy==99", "no such version of numpy==99"),
        ("error sending request for url: dns error", "could not be reached"),
        ("error sending request for url (https://me:pw@wheels.example/cpu/x/)", "index at wheels.example could not be"),
        ("", "could not be installed"),
    ],
)
def test_the_error_is_one_sentence_with_the_package(error, words):
    assert words in summary(error)


def test_the_log_gets_the_useful_lines_only():
    assert last_lines(CONFLICT) == [
        "No solution found when resolving dependencies",
        "Because gradio==4.44.1 depends on pydantic>=2.0 and you require pydantic<2, we can conclude",
    ]


def test_paths_of_the_server_are_not_shown():
    assert last_lines("failed to open `/srv/minispaces/cache/uv/x.whl` here") == ["failed to open … here"]


def test_five_hundred_lines_become_twenty():
    assert len(last_lines("\n".join(f"line {number}" for number in range(500)))) == 20


def test_only_a_missing_wheel_is_a_reason_to_build():
    assert [needs_build(error) for error in (WHEELS, CONFLICT, MISSING)] == [True, False, False]


def test_only_where_less_may_help_is_another_attempt_made():
    assert [is_hopeless(error) for error in (MISSING, CONFLICT, "dns error")] == [True, False, True]
