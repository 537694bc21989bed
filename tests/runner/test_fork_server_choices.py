"""Which apps are forked, and from which server."""

import pytest

from minispaces_contract.messages import Artifact, DeploymentSpec
from minispaces_contract.states import ArtifactKind, Sdk
from minispaces_runner.process.forkserver.allowed import why_not
from minispaces_runner.process.forkserver.kinds import Kind, Program, kind_of, program_of
from minispaces_runner.process.forkserver.unforkable import Unforkable
from minispaces_runner.settings import RunnerSettings


@pytest.mark.parametrize(
    ("setting", "privileged", "switch", "words"),
    [
        ("per-owner", True, "15000", None),
        ("off", True, "15000", "switched off"),
        ("per-owner", False, "15000", "they need root"),
        ("shared", True, "0", "user.max_user_namespaces is 0"),
    ],
)
def test_why_there_are_no_fast_starts_is_said(tmp_path, setting, privileged, switch, words):
    (tmp_path / "user").mkdir()
    (tmp_path / "user" / "max_user_namespaces").write_text(switch + "\n")
    assert why_not(RunnerSettings(fork_servers=setting), privileged=privileged, switches=tmp_path) == words


def test_owners_do_not_share_a_server_unless_they_shall():
    assert kind(space="ada/x").key == kind(space="ada/y").key != kind(space="bob/x").key
    assert kind(space="ada/x", apart=False).key == kind(space="bob/x", apart=False).key


def test_an_app_with_another_start_command_or_sdk_has_no_server():
    assert kind(command=("python", "app.py", "--x")) is not None
    assert kind(command=("bash", "start.sh")) is None
    assert kind(sdk=Sdk.STATIC) is None


def kind(*, space="ada/x", apart=True, command=("python", "app.py"), sdk=Sdk.GRADIO) -> Kind:
    artifact = Artifact(kind=ArtifactKind.BUNDLE, reference="b", environment="e", sdk=sdk, command=command)
    spec = DeploymentSpec(
        id="d", space_id="s", space=space, host="h", version=1, commit="c", build_id="b", artifact=artifact
    )
    return kind_of(spec, apart=apart)


def test_programs_are_told_apart_by_their_command():
    assert program_of(("python", "-u", "a/app.py", "-u"), environment="/e") == Program(("a/app.py", "-u"), "a/app.py")
    streamlit = program_of(("streamlit", "run", "app.py", "--server.port", "1"), environment="/e")
    assert streamlit == Program(
        ("/e/bin/streamlit", "run", "app.py", "--server.port", "1"), "app.py", "streamlit.web.cli"
    )


def test_what_could_not_be_forked_is_known_for_good_but_not_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr("minispaces_runner.process.forkserver.unforkable._MOST", 3)
    for reference in ("a", "b", "a", "c", "d"):
        Unforkable(tmp_path / "unforkable.json").add(reference)
    assert [Unforkable(tmp_path / "unforkable.json").holds(each) for each in "abcd"] == [True, False, True, True]
