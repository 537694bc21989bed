"""Variables and secrets: where they get to, and where a secret never does."""

import pytest
from sqlalchemy import select

from minispaces_contract.messages import Artifact
from minispaces_contract.states import ArtifactKind, BuildStatus, DesiredState, Sdk
from minispaces_platform.builds import service as builds
from minispaces_platform.deployments.world import desired_world
from minispaces_platform.models.audit import AuditEvent
from minispaces_platform.models.builds import Build
from minispaces_platform.models.configuration import Variable
from minispaces_platform.models.deployments import Deployment

SECRET = "sk-canary-4711"


@pytest.fixture
def space(world, ada):
    return world.add_live_space(ada, "hello", sdk="gradio")


@pytest.fixture
def put(signed_in, space):
    def put(name, value, **fields):
        form = {"key": name, "value": value, **fields}
        return signed_in.post("/spaces/ada/hello/settings/variables", data=form)

    return put


def environment(parts) -> dict[str, str]:
    with parts.database.reading() as session:
        return desired_world(session, parts.settings).deployments[-1].env


def test_the_app_finds_both_in_its_environment_and_is_restarted(put, parts):
    put("MODEL", "tiny")
    put("API_KEY", SECRET, kind="secret")
    assert (environment(parts)["MODEL"], environment(parts)["API_KEY"]) == ("tiny", SECRET)
    with parts.database.reading() as session:
        assert desired_world(session, parts.settings).deployments[-1].secrets == ("API_KEY",)
        wanted = session.scalars(select(Deployment).where(Deployment.desired == DesiredState.RUNNING)).all()
    assert len(wanted) == 3


def test_a_secret_is_nowhere_but_in_the_environment(put, signed_in, parts, tmp_path):
    put("API_KEY", SECRET, kind="secret")
    page = signed_in.get("/spaces/ada/hello/settings").text
    assert "API_KEY" in page
    assert SECRET not in page
    with parts.database.reading() as session:
        assert SECRET not in str([event.details for event in session.scalars(select(AuditEvent))])
    assert [path for path in tmp_path.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()] == []


def test_a_sealed_value_opens_only_in_its_own_row(put, parts, signed_in):
    put("ONE", SECRET, kind="secret")
    put("TWO", "other", kind="secret")
    with parts.database.writing() as session:
        one, two = session.scalars(select(Variable).order_by(Variable.name))
        two.sealed = one.sealed
    signed_in.post("/spaces/ada/hello/restart")
    assert environment(parts)["ONE"] == SECRET
    assert "TWO" not in environment(parts)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("1ST", "cannot be the name"),
        ("A-B", "cannot be the name"),
        ("$(touch /tmp/canary)", "cannot be the name"),
        ("PATH", "set by Minispaces itself"),
        ("SPACE_ID", "set by Minispaces itself"),
        ("x" * 129, "cannot be the name"),
    ],
)
def test_names_that_no_app_can_be_given_are_refused_in_words(put, parts, name, words):
    answer = put(name, "x")
    assert answer.status_code == 422
    assert words in answer.text
    with parts.database.reading() as session:
        assert session.scalar(select(Variable.id)) is None


def test_a_name_is_a_variable_or_a_secret_and_never_both(put, parts):
    put("TOKEN", "open")
    answer = put("TOKEN", SECRET, kind="secret")
    assert answer.status_code == 409
    assert "is a variable already" in answer.text
    assert SECRET not in answer.text
    assert environment(parts)["TOKEN"] == "open"


def test_a_value_may_not_be_too_large(put):
    assert "may have 16 kB" in put("BIG", "x" * (16 * 1024 + 1)).text


def test_what_is_removed_is_gone_from_the_app(put, signed_in, parts):
    put("MODEL", "tiny")
    answer = signed_in.post("/spaces/ada/hello/settings/variables/remove", data={"key": "MODEL"})
    assert answer.status_code == 303
    assert "MODEL" not in environment(parts)


def test_visitors_of_a_static_space_are_told_its_variables_and_no_secret(world, ada, signed_in, parts):
    space = world.add_space(ada, "page", sdk="static")
    artifact = Artifact(kind=ArtifactKind.BUNDLE, reference="x", sdk=Sdk.STATIC)
    world.change(world.add_deployment(world.add_build(space, artifact=artifact)), artifact=artifact)
    for name, kind in (("MODEL", "variable"), ("API_KEY", "secret")):
        signed_in.post("/spaces/ada/page/settings/variables", data={"key": name, "value": "v", "kind": kind})
    assert environment(parts)["SPACE_VARIABLES"] == '{"MODEL": "v"}'
    assert "API_KEY" not in environment(parts)


def test_a_container_is_built_anew_with_its_variables_and_never_with_a_secret(world, ada, signed_in, parts):
    space = world.add_live_space(ada, "boxed", sdk="docker")
    for key, kind in (("API_KEY", "secret"), ("MODEL", "variable")):
        signed_in.post("/spaces/ada/boxed/settings/variables", data={"key": key, "value": "v", "kind": kind})
    with parts.database.writing() as session:
        (build,) = session.scalars(select(Build).where(Build.space_id == space.id, Build.status == BuildStatus.QUEUED))
        assert builds.claim(session, build.id).variables == {"MODEL": "v"}
