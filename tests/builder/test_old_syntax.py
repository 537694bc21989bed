"""Dockerfiles of today for a builder of 2020."""

import json
import subprocess

import pytest

from minispaces_builder.errors import BuildError
from minispaces_builder.old_syntax import for_old_builder


def output_of(dockerfile):
    """What its only RUN prints."""
    line = next(line for line in for_old_builder(dockerfile).splitlines() if line.startswith("RUN"))
    return subprocess.run(json.loads(line[line.index("[") :]), capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("lines", "output"),
    [
        (["RUN cat <<'EOF'", "a $HOME", "# b\\n", "EOF"], "a $HOME\n# b\\n\n"),
        (["RUN true && \\", "  x=7 && cat <<EOF", "$x", "EOF"], "7\n"),
        (["run <<END", "echo one", "echo two", "END"], "one\ntwo\n"),
        (["RUN <<-END", "\techo tabs", "\tEND"], "tabs\n"),
        (["RUN cat <<A - <<B", "1", "A", "2", "B"], "2\n"),
        (['SHELL ["/bin/bash", "-c"]', "RUN <<END", "echo ${BASH_VERSION:+bash}", "END"], "bash\n"),
    ],
)
def test_a_heredoc_runs_as_it_was_meant(lines, output):
    assert output_of("\n".join(["FROM x", *lines, "CMD y"])) == output


def test_mounts_stay_and_every_instruction_keeps_its_line():
    text = for_old_builder("FROM x\nRUN --mount=type=cache,target=/c cat <<E >/a\n1\n2\nE\nCMD y\n")
    lines = text.splitlines()
    assert lines[1].startswith('RUN --mount=type=cache,target=/c ["/bin/sh", "-c", "cat <<E')
    assert lines[5] == "CMD y"


def test_link_is_only_about_speed_and_left_out():
    assert for_old_builder("COPY --link --chown=1 a b\n") == "COPY --chown=1 a b\n"


def test_a_file_in_the_dockerfile_is_refused_in_words():
    with pytest.raises(BuildError, match="Dockerfile line 2: a heredoc after COPY needs Docker 23 or newer"):
        for_old_builder("FROM x\nCOPY <<EOF /hello\nhi\nEOF\n")


@pytest.mark.parametrize(
    "text",
    [
        "SHELL [oops]\n",
        "FROM x\nRUN echo $((1<<n))\nCMD y\n",
        "FROM x\n# RUN <<EOF\nCMD y\n",
        "FROM x\nRUN cat <<EOF\nnever ends\n",
    ],
)
def test_what_is_no_heredoc_is_left_alone(text):
    assert for_old_builder(text) == text
