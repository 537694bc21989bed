"""Other people's Dockerfiles before the engine sees them."""

import pytest

from minispaces_builder.checkout import Checkout
from minispaces_builder.dockerfile_gate import gate, read_dockerfile
from minispaces_builder.errors import BuildError


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("FROM x\nRUN --security=insecure id", "line 2: --security=insecure is not allowed"),
        ("FROM x\nRUN \\\n  --network=host id", "line 2: --network=host is not allowed"),
        ("FROM x\nLABEL a=b minispaces.kind=sdk", "line 2: labels that begin"),
        ("RUN id\n", "no FROM instruction"),
        ("FROM a\n" * 2000, "more than 100 stages"),
    ],
)
def test_what_is_not_allowed_is_refused_with_its_line(text, words):
    with pytest.raises(BuildError, match=words):
        gate(text)


@pytest.mark.parametrize(
    "text",
    [
        "FROM python:3.11-slim AS a\nRUN --mount=type=cache,target=/c id\nFROM a\nCOPY --from=a / /\n",
        "ARG V=3\nFROM python:${V}\nRUN <<EOF\nset -e\necho hello\nEOF\n",
        "# comment\nFROM x\nCOPY --from=ghcr.io/astral-sh/uv:latest /uv /bin/\n",
    ],
)
def test_ordinary_dockerfiles_pass_as_they_are(text):
    assert gate(text).text == text


def test_a_syntax_line_is_taken_out_with_a_warning_and_line_numbers_stay():
    gated = gate("# escape=\\\n# syntax=evil.example/x:1\nFROM x\n")
    assert gated.text == "# escape=\\\n#\nFROM x\n"
    assert "line 2: `syntax=evil.example/x:1` is ignored" in gated.warnings[0]


def test_a_comment_further_down_is_no_syntax_line():
    assert gate("FROM x\n# syntax=y\n").warnings == ()


def test_a_link_is_refused(tmp_path):
    (tmp_path / "Dockerfile").symlink_to("real")
    with pytest.raises(BuildError, match="is a symbolic link"):
        read_dockerfile(Checkout(tmp_path, frozenset({"Dockerfile"})))


@pytest.mark.parametrize(("raw", "words"), [(b"FROM x\n" * 100_000, "larger than 256 kB"), (b"\xff\xfe", "not UTF-8")])
def test_what_is_no_dockerfile_is_refused(tmp_path, raw, words):
    (tmp_path / "Dockerfile").write_bytes(raw)
    with pytest.raises(BuildError, match=words):
        read_dockerfile(Checkout(tmp_path, frozenset({"Dockerfile"})))
