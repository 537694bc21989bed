"""What people are told to do about a failure that many have met before."""

import pytest

from minispaces_contract.logstream import Kind
from minispaces_contract.states import BuildStatus, InstanceStatus
from minispaces_platform.builds.hints import hint_of


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("ModuleNotFoundError: No module named 'cv2'", "Add opencv-python-headless to requirements.txt."),
        (
            "ModuleNotFoundError: No module named 'my_utils.io'",
            "Add my-utils to requirements.txt. If it is a file of yours",
        ),
        ("ImportError: libGL.so.1: cannot open shared object file: No such file", "Add libgl1 to packages.txt"),
        ("ImportError: libfoo.so.9: cannot open shared object file", "Add the Debian package that brings it"),
        ('  File "app.py"\n    x = = 1\nSyntaxError: invalid syntax', "Python cannot read the code"),
        ("ImportError: cannot import name 'x' from 'gradio'", "The installed version of gradio has no x."),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'model.pt'", "model.pt is not in the repository"),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'ffmpeg'", "no program ffmpeg here"),
        ("/bin/sh: 1: tesseract: not found", "no program tesseract here"),
        ("OSError: [Errno 98] Address already in use", "Two servers want the same port."),
        ("nothing listens on port 7860 (seen: 127.0.0.1:7860)", "listen on 0.0.0.0:7860"),
        ("torch.OutOfMemoryError: CUDA out of memory.", "The GPU's memory is full."),
        ("Killed", "more memory than this Space has"),
        ("KeyError: 'OPENAI_API_KEY'", "The environment has no OPENAI_API_KEY."),
        ("  x No solution found when resolving dependencies:", "Two requirements exclude each other."),
        ("ERROR: No matching distribution found for panads==1.0", "There is no package panads."),
        ("_pickle.UnpicklingError: invalid load key, 'v'.", "git lfs push"),
        ("PermissionError: [Errno 13] Permission denied: '/usr/x'", "It may write below /home/user"),
        ("error: command '/usr/bin/gcc' failed: No such file", "build-essential"),
        ("OSError: [Errno 28] No space left on device", "The disk is full."),
        ("\x1b[31mModuleNotFoundError\x1b[0m: No module named '\x1b[1mPIL\x1b[0m'", "Add pillow to requirements.txt."),
    ],
)
def test_a_known_failure_has_words(line, hint):
    assert hint in hint_of(line.split("\n"))


@pytest.mark.parametrize("line", ["Running on http://0.0.0.0:7860", "KeyError: 'x'", "", "No module named '<script>'"])
def test_whatever_else_has_none(line):
    assert hint_of([line]) == ""


def test_the_last_known_line_counts():
    lines = ["ModuleNotFoundError: No module named 'cv2'", "trying again", "MemoryError"]
    assert "more memory" in hint_of(lines)


def test_a_long_log_of_long_lines_is_looked_at_quickly():
    assert hint_of(["x" * 1_000_000 + "'" * 50] * 5_000) == ""


def test_the_log_page_says_what_to_do_about_a_failed_build(signed_in, world, ada):
    build = world.add_build(world.add_space(ada, "hello"), BuildStatus.FAILED, error="Cannot install.")
    world.write_build_log(build, "No matching distribution found for panads", kind=Kind.ERROR)
    assert "There is no package panads." in signed_in.get("/spaces/ada/hello/logs").text
    assert "There is no package panads." in signed_in.get("/spaces/ada/hello").text


def test_a_crash_is_explained_to_those_who_may_read_logs_alone(signed_in, client_without_redis, world, ada):
    build = world.add_build(world.add_space(ada, "hello"))
    deployment = world.add_deployment(
        build, InstanceStatus.FAILED, detail="Exit code 1.", log_tail="KeyError: 'SECRET_NAME'"
    )
    world.write_app_log(deployment, "KeyError: 'SECRET_NAME'")
    assert "The environment has no SECRET_NAME." in signed_in.get("/spaces/ada/hello").text
    assert "The environment has no SECRET_NAME." in signed_in.get("/spaces/ada/hello/logs?log=app").text
    assert "SECRET_NAME" not in client_without_redis.get("/spaces/ada/hello").text
