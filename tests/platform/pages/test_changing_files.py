"""Editing, adding, uploading and deleting in the browser."""

import re

import pytest

from minispaces_platform.repos.changes import Put


@pytest.fixture
def space(world, ada, commit):
    made = world.add_space(ada, "hello")
    commit(made, Put("app.py", b"one\n"), Put("data/words.txt", b"a\r\nb\r\n"), Put("pic.png", b"\0"))
    return made


def seen_on(page: str) -> str:
    return re.search(r'name="seen" value="([0-9a-f]*)"', page)[1]


def send(client, address, /, **fields):
    return client.post(f"/spaces/ada/hello/{address}", data=fields)


def raw(client, path, branch="main"):
    return client.get(f"/spaces/ada/hello/raw/{branch}/{path}").content


def test_a_file_is_edited_and_its_build_is_followed(signed_in, space):
    page = signed_in.get("/spaces/ada/hello/edit/main/app.py").text
    answer = send(
        signed_in, "edit/main/app.py", path="app.py", content="two\r\n", message="Say two", seen=seen_on(page)
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/spaces/ada/hello/logs")
    assert raw(signed_in, "app.py") == b"two\n"
    assert "Say two" in signed_in.get("/spaces/ada/hello/versions").text


def test_line_ends_stay_what_they_were(signed_in, space):
    send(signed_in, "edit/main/data/words.txt", path="data/words.txt", content="a\r\nc\r\n")
    assert raw(signed_in, "data/words.txt") == b"a\r\nc\r\n"


def test_another_path_moves_the_file(signed_in, space):
    assert send(signed_in, "edit/main/app.py", path="src/main.py", content="three\n").status_code == 303
    assert raw(signed_in, "src/main.py") == b"three\n"
    assert signed_in.get("/spaces/ada/hello/raw/main/app.py").status_code == 404


def test_a_conflict_keeps_what_was_typed_and_can_be_saved_over(signed_in, space, commit):
    old = seen_on(signed_in.get("/spaces/ada/hello/edit/main/app.py").text)
    commit(space, Put("app.py", b"theirs\n"))
    answer = send(signed_in, "edit/main/app.py", path="app.py", content="mine & mine\n", seen=old)
    assert answer.status_code == 409
    assert "mine &amp; mine" in answer.text
    assert "changed by somebody else" in answer.text
    assert raw(signed_in, "app.py") == b"theirs\n"
    over = re.search(r'name="over" value="([0-9a-f]+)"', answer.text)[1]
    assert send(signed_in, "edit/main/app.py", path="app.py", content="mine\n", seen=old, over=over).status_code == 303
    assert raw(signed_in, "app.py") == b"mine\n"


def test_a_refusal_of_the_gate_is_shown_above_the_text(signed_in, space):
    answer = send(signed_in, "new/main", path="README.md", content="---\nsdk: gradioo\n---\n")
    assert answer.status_code == 422
    assert "Did you mean &#39;gradio&#39;?" in answer.text
    assert "sdk: gradioo" in answer.text


def test_a_new_file_replaces_none(signed_in, space):
    assert send(signed_in, "new/main", path="app.py", content="x").status_code == 409
    assert send(signed_in, "new/main", path="../x", content="x").status_code == 422
    assert send(signed_in, "new/main/data", path="data/more.txt", content="x").status_code == 303


def test_several_files_are_uploaded_at_once_folders_too(signed_in, space):
    files = [("files", ("a.txt", b"A" * 300_000)), ("files", ("b.txt", b"B"))]
    answer = signed_in.post("/spaces/ada/hello/upload/main/data", files=files, data={"paths": ["a.txt", "deep/b.txt"]})
    assert answer.status_code == 303
    assert raw(signed_in, "data/a.txt") == b"A" * 300_000
    assert raw(signed_in, "data/deep/b.txt") == b"B"


@pytest.mark.parametrize("name", ["../up.txt", "a/../../up.txt", ".git/config", "/etc/passwd/../x"])
def test_an_upload_cannot_leave_the_repository(signed_in, space, name):
    answer = signed_in.post("/spaces/ada/hello/upload/main", files=[("files", ("x", b"1"))], data={"paths": [name]})
    assert answer.status_code == 422


def test_an_upload_fills_an_empty_space(signed_in, world, ada):
    world.add_space(ada, "hello")
    answer = signed_in.post("/spaces/ada/hello/upload/main", files=[("files", ("index.html", b"<h1>Hi"))])
    assert answer.status_code == 303
    assert raw(signed_in, "index.html") == b"<h1>Hi"


def test_nothing_chosen_is_said(signed_in, space):
    answer = signed_in.post("/spaces/ada/hello/upload/main", files=[("other", ("x", b""))])
    assert answer.status_code == 422
    assert "No file was chosen" in answer.text


def test_a_file_and_a_folder_are_deleted(signed_in, space):
    for path in ("app.py", "data"):
        page = signed_in.get(f"/spaces/ada/hello/delete/main/{path}").text
        assert send(signed_in, f"delete/main/{path}", seen=seen_on(page)).status_code == 303
    assert "words.txt" not in signed_in.get("/spaces/ada/hello/tree/main").text


def test_the_whole_repository_is_not_deleted_as_a_folder(signed_in, space):
    assert signed_in.get("/spaces/ada/hello/delete/main").status_code == 422
    assert send(signed_in, "delete/main").status_code == 422


def test_what_is_no_text_is_not_edited(signed_in, space):
    assert signed_in.get("/spaces/ada/hello/edit/main/pic.png").status_code == 422
    assert "/edit/" not in signed_in.get("/spaces/ada/hello/blob/main/pic.png").text


def test_only_branches_are_changed(signed_in, space, commit):
    tip = commit(space, Put("x", b"1")).commit
    assert signed_in.get(f"/spaces/ada/hello/edit/{tip}/app.py").status_code == 422
    commit(space, Put("x", b"2"), branch="try")
    answer = send(signed_in, "edit/try/x", path="x", content="3")
    assert answer.headers["location"] == "/spaces/ada/hello/tree/try"
    assert raw(signed_in, "x", branch="try") == b"3"


def test_a_reader_is_offered_no_change_and_makes_none(client, space):
    assert "/new/main" not in client.get("/spaces/ada/hello/tree/main").text
    for path in ("edit/main/app.py", "new/main", "upload/main", "delete/main/app.py"):
        assert client.get(f"/spaces/ada/hello/{path}").status_code == 401
        assert client.post(f"/spaces/ada/hello/{path}", data={"content": "x"}).status_code == 401
    assert raw(client, "app.py") == b"one\n"


def test_an_empty_space_has_nothing_to_edit_or_delete(signed_in, world, ada):
    world.add_space(ada, "hello")
    for path in ("edit/main/app.py", "delete/main/app.py", "delete/main"):
        assert signed_in.get(f"/spaces/ada/hello/{path}").status_code in {404, 422}
