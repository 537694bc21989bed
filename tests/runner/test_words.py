"""Why an app does not run: a text of its own for every way to fail."""

import pytest

from minispaces_contract.messages import Artifact, DeploymentSpec, Hardware
from minispaces_contract.states import ArtifactKind, Sdk
from minispaces_runner.engine import Exit
from minispaces_runner.words import words_for_end, words_for_silence, words_for_timeout

SPEC = DeploymentSpec(
    id="d", space_id="s", space="a/b", host="a-b.x", version=1, commit="c", build_id="b",
    artifact=Artifact(kind=ArtifactKind.IMAGE, reference="x", sdk=Sdk.GRADIO), hardware=Hardware(memory_mb=4096),
)  # fmt: skip


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (Exit(code=0), "ended at once without an error (exit code 0)"),
        (Exit(code=1), "ended with exit code 1."),
        (Exit(code=126), "not executable or not made for this kind of processor"),
        (Exit(code=127), "the start command was not found"),
        (Exit(signal=11), "SIGSEGV (Segmentation fault)"),
        (Exit(signal=9), "SIGKILL (Killed)"),
        (Exit(signal=9, out_of_memory=True), "more memory than it may: 4 GiB on cpu-basic"),
        (Exit(code=137, out_of_memory=True), "more memory than it may: 4 GiB on cpu-basic"),
        (Exit(code=1, out_of_memory=True), "exit code 1, after one of its processes had been ended"),
        (Exit(signal=99), "the signal 99."),
    ],
)
def test_how_it_ended(ended, words):
    assert words in words_for_end(SPEC, ended)


def test_how_often_it_ended():
    assert "ended 6 times" in words_for_end(SPEC, Exit(code=1), crashes=5)
    assert "times" not in words_for_end(SPEC, Exit(code=1))


@pytest.mark.parametrize(
    ("listening", "words"),
    [
        ([], "nothing listens on port 7860 (seen: no port at all): bind to 0.0.0.0:7860"),
        (["127.0.0.1:8000"], "nothing listens on port 7860 (seen: 127.0.0.1:8000): bind to 0.0.0.0:7860"),
        (["127.0.0.1:7860"], "nothing listens on port 7860 (seen: 127.0.0.1:7860): bind to 0.0.0.0:7860"),
        (["[::1]:7860"], "nothing listens on port 7860 (seen: [::1]:7860): bind to 0.0.0.0:7860"),
        (["0.0.0.0:7860"], "the app listens on port 7860, but does not answer HTTP requests."),
        (["[::]:7860", "127.0.0.1:9"], "the app listens on port 7860, but does not answer HTTP requests."),
    ],
)
def test_where_it_listens_instead(listening, words):
    assert words_for_silence(7860, listening) == words


def test_how_long_it_was_waited_for():
    assert words_for_timeout(SPEC, [], status=None).startswith("Nothing answered after 30 minutes: nothing listens")
    assert "error (HTTP 503), and still did after 30 minutes" in words_for_timeout(SPEC, [], status=503)
