"""Secrets in what an app prints."""

import base64
import json
from urllib.parse import quote

import pytest

from minispaces_contract.messages import Artifact, DeploymentSpec
from minispaces_contract.states import ArtifactKind, Sdk
from minispaces_runner.masking import DOTS, mask_for

SECRET = 'sk-"4711/äé+ x'


def spec(**secrets: str) -> DeploymentSpec:
    return DeploymentSpec(
        id="d", space_id="s", space="ada/x", host="x.apps.test", version=1, commit="c", build_id="b",
        artifact=Artifact(kind=ArtifactKind.BUNDLE, reference="x", sdk=Sdk.GRADIO),
        env={"MODEL": "tiny-model", **secrets}, secrets=tuple(secrets),
    )  # fmt: skip


@pytest.mark.parametrize(
    "form",
    [SECRET, base64.b64encode(SECRET.encode()).decode(), quote(SECRET, safe=""), quote(SECRET), json.dumps(SECRET)],
)
def test_a_secret_is_dots_however_it_is_written(form):
    line = mask_for(spec(API_KEY=SECRET))(f"key: {form}!")
    assert DOTS in line
    assert "4711" not in line
    assert line.startswith("key: ")


def test_each_line_of_a_long_secret_is_dots():
    mask = mask_for(spec(KEY="-----BEGIN KEY-----\nMIIEpAIBAAKC\n"))
    assert mask("MIIEpAIBAAKC") == DOTS


def test_variables_and_short_values_stay_readable():
    mask = mask_for(spec(PIN="12"))
    assert mask("tiny-model, line 12") == "tiny-model, line 12"
    assert mask_for(None)("hello") == "hello"
