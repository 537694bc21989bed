"""Reading requirements.txt: what is taken, what is refused, and in which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minispaces_builder.errors import BuildError
from minispaces_builder.requirements import decode, exact_pin, logical_lines, read_requirements


def lines(repository, text: str | bytes) -> list[str]:
    return read_requirements(repository({"requirements.txt": text})).lines


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_of_every_editor_are_read(repository, encoding):
    text = "numpy>=1\r\n\r\n# comment\r\npandas==2.0 # why\r\nscipy \\\r\n  >=1.10\r\n"
    assert lines(repository, text.encode(encoding)) == ["numpy>=1", "pandas==2.0", "scipy   >=1.10"]


def test_pre_requirements_come_first(repository):
    found = read_requirements(repository({"requirements.txt": "a", "pre-requirements.txt": "b"}))
    assert found.lines == ["b", "a"]


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n"])
def test_an_empty_file_asks_for_nothing(repository, text):
    assert lines(repository, text) == []


def test_included_files_and_constraints_of_the_repository_are_followed(repository):
    files = {"requirements.txt": "-r deps/base.txt\n-c limits.txt\nx", "deps/base.txt": "-r more.txt\ny"}
    found = read_requirements(repository({**files, "deps/more.txt": "z", "limits.txt": "numpy<2"}))
    assert (found.lines, found.constraints) == (["z", "y", "x"], ["numpy<2"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ok\n-e git+ext::sh -c id", "line 2: the option -e is not allowed"),
        ("--editable .", "the option --editable is not allowed"),
        ("x @ git+file:///etc", "git\\+file:///etc is not allowed"),
        ("git+ssh://git@github.com/a/b", "git\\+ssh://.* is not allowed"),
        ("file:///etc/passwd", "file:///etc/passwd is not allowed"),
        ("https://10.0.0.1/x.whl", "https://10.0.0.1/x.whl is not allowed"),
        ("x @ https://localhost/x.whl", "https://localhost/x.whl is not allowed"),
        ("--index-url http://10.0.0.1", "the option --index-url is not allowed"),
        ("-i https://example.org/simple", "the option -i is not allowed"),
        ("--extra-index-url http://example.org", "only name a public https:// address"),
        ("--find-links=/etc", "only name a public https:// address"),
        ("-f https://127.0.0.1/", "only name a public https:// address"),
        ("--trusted-host x", "the option --trusted-host is not allowed"),
        ("--install-option=--prefix=/", "the option --install-option is not allowed"),
        ("$HOME/x", "variables such as"),
        ("x @ https://e.org/${TOKEN}/x.whl", "variables such as"),
        ("./wheels/x.whl", "is not a requirement.* Files and folders cannot be installed"),
        ("numpy=1.2", "is not a requirement.* two equal signs"),
        ("-r ../x", "\\.\\./x is outside the repository"),
        ("-r /etc/passwd", "outside the repository"),
        ("-r https://example.org/x", "is not in the repository"),
        ("-r gone.txt", "gone.txt is not in the repository"),
        ("a\nb\0c", "line 2: there is a NUL byte"),
    ],
)
def test_what_could_do_harm_is_refused_by_file_and_line(repository, text, words):
    with pytest.raises(BuildError, match=rf"(?s)requirements\.txt line \d+: .*{words}|requirements\.txt {words}"):
        lines(repository, text)


def test_a_circle_is_named(repository):
    files = {"requirements.txt": "-r a.txt", "a.txt": "-r b.txt", "b.txt": "-r a.txt"}
    with pytest.raises(BuildError, match=r"a\.txt includes itself: requirements\.txt → a\.txt → b\.txt → a\.txt"):
        read_requirements(repository(files))


def test_too_many_lines_are_refused(repository):
    with pytest.raises(BuildError, match="more than 5,000 lines"):
        lines(repository, "numpy\n" * 1_000_000)


def test_bytes_that_are_no_text_are_refused_with_their_place(repository):
    with pytest.raises(BuildError, match=r"not UTF-8 text \(byte 3\); save it as UTF-8"):
        lines(repository, b"abc\xff\xfe")


def test_indexes_that_are_common_for_torch_are_allowed_and_said(repository):
    text = "--extra-index-url https://download.pytorch.org/whl/cpu\n-f https://data.example.org/wheels\ntorch"
    found = read_requirements(repository({"requirements.txt": text}))
    assert found.options[:2] == ["--extra-index-url", "https://download.pytorch.org/whl/cpu"]
    assert ["download.pytorch.org" in found.warnings[0], "data.example.org" in found.warnings[1]] == [True, True]


def test_hashes_and_pip_habits_are_let_pass(repository):
    text = "--no-cache-dir\nnumpy==2.0 --hash=sha256:abc \\\n   --hash=sha256:def\ngit+https://github.com/a/b@v1\n"
    assert lines(repository, text) == ["numpy==2.0", "git+https://github.com/a/b@v1"]


@pytest.mark.parametrize(("text", "pin"), [("x==1.2", "1.2"), ("x==1.*", None), ("x>=1", None), ("x>1,==2", None)])
def test_only_an_exact_version_is_a_pin(repository, text, pin):
    assert exact_pin(read_requirements(repository({"requirements.txt": text})).named["x"]) == pin


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_in_words(repository, raw):
    files = repository({"requirements.txt": raw})
    try:
        read_requirements(files)
    except BuildError as error:
        assert str(error).startswith("requirements.txt")


@given(st.text(max_size=200))
def test_line_numbers_are_those_of_the_file(text):
    count = len(text.splitlines())
    assert all(1 <= number <= count for number, _ in logical_lines(text))
    assert decode(text.replace("\0", "").encode(), "x") is not None
