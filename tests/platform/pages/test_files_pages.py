"""Folders, files, history and blame as pages."""

import subprocess

import pytest

from minispaces_platform.models.roles import Visibility
from minispaces_platform.repos.changes import Put

README = b"---\nsdk: static\ntitle: Hello\n---\n# About\n\n![picture](img/a.png) [code](app.py)\n"
FILES = {
    "README.md": README,
    "app.py": b"def f():\n    return '<b>'\n",
    "img/a.png": b"\x89PNG\r\n\x1a\n\0",
    "data/deep/words.txt": b"one\n",
    "blob.bin": b"\0\1",
    "big.bin": b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 123456789\n",
    "long.txt": b"x" * 600_000,
}


@pytest.fixture
def filled(world, ada, commit):
    space = world.add_space(ada, "hello")
    commit(space, *(Put(path, content) for path, content in FILES.items()), message="Begin")
    return space


def get(client, path, **more):
    answer = client.get(f"/spaces/ada/hello/{path}", **more)
    assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
    return answer.text


def test_a_folder_lists_what_is_in_it_with_the_last_change(client, filled, commit):
    commit(filled, Put("data/deep/words.txt", b"two\n"), message="Change a word")
    page = get(client, "tree/main")
    assert page.index(">data<") < page.index(">app.py<")
    row = page[page.index(">data<") :].partition("</tr>")[0]
    assert "Change a word" in row
    assert "Begin" in page[page.index(">app.py<") :].partition("</tr>")[0]
    assert "words.txt" in get(client, "tree/main/data/deep")


def test_the_readme_stands_below_and_its_addresses_lead_into_the_repository(client, filled):
    page = get(client, "tree/main")
    assert "<h1>About</h1>" in page
    assert 'src="/spaces/ada/hello/raw/main/img/a.png"' in page
    assert 'href="/spaces/ada/hello/blob/main/app.py"' in page


def test_a_file_is_shown_with_colours_and_as_text_only(client, filled):
    page = get(client, "blob/main/app.py")
    assert '<span class="hl-k">def</span>' in page
    assert "&lt;b&gt;" in page
    assert 'id="L2"' in page


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("img/a.png", 'src="/spaces/ada/hello/raw/main/img/a.png"'),
        ("blob.bin", "This is no text"),
        ("big.bin", "123 MB"),
        ("long.txt", "too large to show"),
        ("README.md", "<h1>About</h1>"),
        ("README.md?plain=true", "title: Hello"),
    ],
)
def test_each_kind_of_file_is_shown_in_its_way(client, filled, path, words):
    assert words in get(client, f"blob/main/{path}")


@pytest.mark.parametrize(
    "path",
    ["tree/main/nothing", "tree/nobranch", "blob/main/../../x", "blob/--help/app.py", "commit/" + "0" * 40,
     "commit/HEAD", "raw/main/data", "compare?from=main&to=--output=x", "blob/$(id)/app.py"],
)  # fmt: skip
def test_what_is_not_there_is_said_to_be_missing(client, filled, path):
    assert client.get(f"/spaces/ada/hello/{path}").status_code == 404


def test_a_raw_file_can_run_nothing(client, filled, commit):
    commit(
        filled, Put("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"), Put("x.html", b"<script>")
    )
    for path, kind in (
        ("x.svg", "image/svg+xml"),
        ("x.html", "text/plain; charset=utf-8"),
        ("blob.bin", "application/octet-stream"),
    ):
        answer = client.get(f"/spaces/ada/hello/raw/main/{path}")
        assert answer.headers["content-type"] == kind
        assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_download_is_the_file_itself_and_is_not_sent_twice(client, filled):
    answer = client.get("/spaces/ada/hello/resolve/main/long.txt")
    assert answer.content == FILES["long.txt"]
    assert answer.headers["content-disposition"].startswith("attachment")
    again = client.get("/spaces/ada/hello/resolve/main/long.txt", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_history_commit_comparison_and_blame(client, filled, commit):
    made = commit(filled, Put("app.py", b"def f():\n    return 'new'\n"), message="Say it anew\n\nBecause.")
    history = get(client, "commits/main/app.py")
    assert history.index("Say it anew") < history.index("Begin")
    page = get(client, f"commit/{made.commit}")
    assert "Because." in page
    assert "return &#39;new&#39;" in page
    assert client.get(f"/spaces/ada/hello/commit/{made.commit[:8]}").headers["location"].endswith(made.commit)
    assert "They are the same" in get(client, f"compare?from={made.commit}&to=main")
    blame = get(client, "blame/main/app.py")
    assert blame.count('class="blame-group"') == 2


def test_a_branch_may_have_slashes(client, filled, commit):
    commit(filled, Put("only.txt", b"here"), branch="try/this")
    assert "here" in get(client, "blob/try/this/only.txt")
    assert "try/this" in get(client, "tree/main")


def test_an_empty_repository_says_how_to_fill_it(signed_in, world, ada):
    world.add_space(ada, "hello")
    page = get(signed_in, "tree/main")
    assert "No file yet" in page
    assert "/upload/main" in page


def test_whoever_may_not_read_the_source_sees_none_of_it(client, filled, world):
    world.change(filled, visibility=Visibility.PROTECTED)
    for path in (
        "tree/main",
        "blob/main/app.py",
        "raw/main/app.py",
        "resolve/main/app.py",
        "commits/main",
        "blame/main/app.py",
    ):
        assert client.get(f"/spaces/ada/hello/{path}").status_code == 401


def test_a_folder_takes_few_statements(client, filled, statements):
    statements.clear()
    get(client, "tree/main")
    assert len(statements) == 3


def test_hidden_characters_in_code_are_named(client, filled, commit):
    commit(filled, Put("trojan.py", "a = 'x\u202ey\u200b'\n".encode()))
    page = get(client, "blob/main/trojan.py")
    assert "[U+202E]" in page
    assert "\u202e" not in page


def test_a_long_file_is_shown_in_part_and_says_so(client, filled, commit):
    commit(filled, Put("many.csv", b"1,2\n" * 10_020))
    page = get(client, "blob/main/many.csv")
    assert "10020 lines" in page
    assert "20 more lines are left out" in page


def test_a_long_history_is_not_waited_for(client, filled, commit, monkeypatch):
    commit(filled, Put("new.py", b"def g(): pass\n"), message="Say more")
    monkeypatch.setattr("minispaces_platform.files.last_commits.WALK_SECONDS", -1)
    page = get(client, "tree/main")
    assert "app.py" in page
    assert "Say more" in page
    assert "Begin" not in page
    assert "hl-k" in get(client, "blob/main/app.py")


def test_a_tag_of_something_else_than_a_commit_is_no_revision(client, filled, parts):
    git = ["git", "--git-dir", parts.store.path(filled.id), "tag", "odd", "main:app.py"]
    subprocess.run(git, env=parts.store.environment, check=True)
    assert client.get("/spaces/ada/hello/tree/odd").status_code == 404
    assert client.get("/spaces/ada/hello/compare?from=odd&to=main").status_code == 404


def test_a_lexer_that_runs_away_takes_nothing_with_it(client, filled, commit, monkeypatch):
    commit(filled, Put("slow.py", b"x = 1  # <b>\n"))
    monkeypatch.setattr("minispaces_platform.files.highlighting._PROGRAM", ("sleep", "60"))
    monkeypatch.setattr("minispaces_platform.files.highlighting.SECONDS", 0.1)
    assert "x = 1  # &lt;b&gt;" in get(client, "blob/main/slow.py")
