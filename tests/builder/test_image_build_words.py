"""BuildKit's output as log lines, and its errors as sentences."""

import pytest

from minispaces_builder.docker_cli import DockerCli, ImageBuild, build_argv, major
from minispaces_builder.image_words import explain
from minispaces_builder.progress import Event, EventKind, Progress

OUTPUT = """\
#1 [internal] load build definition from Dockerfile
#1 sha256:e8a667
#1 DONE 0.0s

#5 [stage-0 2/4] RUN echo hello
#5 sha256:aad916
#5 0.274 hello
#5 DONE 1.4s
#6 [builder 1/2] FROM docker.io/library/python
#6 CACHED
#8 [4/4] RUN exit 3
#8 ERROR: executor failed running [/bin/sh -c exit 3]: exit code: 3
------
 > [4/4] RUN exit 3:
------
executor failed running [/bin/sh -c exit 3]: exit code: 3
"""
UNREACHABLE = """\
 > [internal] load metadata for docker.io/library/python:3.9:
failed to do request: Head "https://registry.example/": dial tcp: lookup registry.example on 10.0.0.53:53: no such host
"""


def test_steps_output_and_times_are_told_apart():
    progress = Progress()
    events = [event for line in OUTPUT.splitlines() if (event := progress.read(line))]
    echo, base, fail = "[2/4] RUN echo hello", "[1/2] FROM docker.io/library/python", "[4/4] RUN exit 3"
    assert events == [
        Event(EventKind.STEP, echo),
        Event(EventKind.OUTPUT, echo, "hello"),
        Event(EventKind.DONE, echo, seconds=1.4),
        Event(EventKind.STEP, base),
        Event(EventKind.CACHED, base),
        Event(EventKind.STEP, fail),
        Event(EventKind.ERROR, fail, "executor failed running [/bin/sh -c exit 3]: exit code: 3"),
    ]
    assert progress.loose[-1] == "executor failed running [/bin/sh -c exit 3]: exit code: 3"


@pytest.mark.parametrize("stage", ["", "stage-1 ", "builder "])
def test_a_dockerfile_with_many_steps_is_heard_from_the_first(stage):
    """BuildKit pads the numbers, and nine steps of twelve were silent."""
    progress = Progress()
    assert progress.read(f"#5 [{stage} 2/12] RUN echo hello") == Event(EventKind.STEP, "[2/12] RUN echo hello")
    assert progress.read("#5 0.274 hello") == Event(EventKind.OUTPUT, "[2/12] RUN echo hello", "hello")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("executor failed running [/bin/sh -c exit 3]: exit code: 3", "RUN exit 3 ended with exit code 3"),
        (
            'process "/bin/sh -c pip install x" did not complete successfully: exit code: 137',
            "RUN pip install x was killed (exit code 137), most likely because it ran out of memory",
        ),
        ("secret HF_TOKEN not found: not found", "requires the secret HF_TOKEN, and this Space has no secret of that"),
        (UNREACHABLE, "The base image python:3.9 is not available here: no registry that has it can be reached."),
        (UNREACHABLE, "Available here: python:3.11-slim."),
        ('failed to compute cache key: "/nope.txt" not found: not found', "nope.txt cannot be copied: it is not in"),
        ('failed to compute cache key: "/big.bin" not found: not found', "big.bin cannot be copied: .dockerignore"),
        ("dockerfile parse error line 2: unknown instruction: RUNN", "Dockerfile line 2: unknown instruction: RUNN"),
        ("something new", "an administrator finds the reason in the builder's log"),
        (
            "executor failed running [/bin/sh -c x]: failed to create endpoint y at 10.0.0.53",
            "often the Docker engine's",
        ),
    ],
)
def test_errors_say_what_to_do_and_nothing_of_the_engine(repository, error, words):
    files = repository({"big.bin": "", ".dockerignore": "*.bin"})
    found = explain(error, files, available=("python:3.11-slim",))
    assert words in found
    assert "10.0.0.53" not in found


def test_both_kinds_of_command_line_build_with_buildkit(tmp_path):
    build = ImageBuild(tmp_path, tmp_path / "D", tmp_path / "id", tag="t", labels={"a": "b"}, secrets={"s": tmp_path})
    assert build_argv(DockerCli("d", buildx=True), build)[:4] == ["d", "buildx", "build", "--load"]
    old = DockerCli("d", buildx=False)
    assert build_argv(old, build)[:3] == ["d", "build", "--progress=plain"]
    assert old.env()["DOCKER_BUILDKIT"] == "1"


def test_the_version_of_a_command_line_is_read():
    assert major("Docker version 20.10.24+dfsg1, build 297e128") == 20
    assert major("podman") == 0


def test_variables_become_build_arguments_and_choose_no_frontend(tmp_path):
    arguments = {"MODEL": "a b", "BUILDKIT_SYNTAX": "evil/frontend"}
    argv = build_argv(DockerCli("d", buildx=True), ImageBuild(tmp_path, tmp_path, tmp_path, arguments=arguments))
    assert argv[-3:] == ["--build-arg", "MODEL=a b", str(tmp_path)]
    assert not [word for word in argv if "BUILDKIT" in word]
