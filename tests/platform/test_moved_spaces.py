"""git goes on working when a Space, its owner or its pusher gets another name, and tells outsiders nothing."""

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from support.git import WorkingTree, git

from minispaces_platform.accounts.service import get_user
from minispaces_platform.audit.service import COMMAND_LINE
from minispaces_platform.models.audit import AuditEvent
from minispaces_platform.models.roles import Visibility
from minispaces_platform.namespaces.service import rename
from minispaces_platform.spaces.moving import rename_space
from minispaces_platform.spaces.service import find_space, get_space
from minispaces_platform.spaces.takedown import take_down
from minispaces_platform.spaces.visibility import set_visibility

from .conftest import Hub


class Pusher(WorkingTree):
    """Somebody with a Space `hello`; a tag is pushed, which nothing is built of, so nothing is waited for."""

    def __init__(self, hub: Hub, folder: Path) -> None:
        self.hub, self.name = hub, f"ada-{uuid.uuid4().hex[:8]}"
        self.token = hub.add_user(self.name)
        super().__init__(folder, hub.remote(self.name, self.token, f"{self.name}/hello"))
        self.begin()
        self.commit({"README.md": "# Hello"})
        assert self.push(new_tag()).returncode == 0

    def change(self, deed: Callable) -> None:
        with self.hub.database.writing() as session:
            deed(session, get_space(session, self.name, "hello"))


@pytest.fixture
def ada(hub: Hub, tmp_path: Path) -> Pusher:
    return Pusher(hub, tmp_path / "work")


def new_tag() -> str:
    return f"main:refs/tags/{uuid.uuid4().hex}"


def clone(remote: str, folder: Path):
    return git(folder, "ls-remote", remote, check=False)


def test_clone_and_push_work_by_the_spaces_old_name(hub, ada, tmp_path):
    ada.change(lambda session, space: rename_space(session, COMMAND_LINE, space, name="hallo"))
    assert ada.tip() in clone(ada.remote, tmp_path).stdout
    ada.commit({"more": "x"})
    assert ada.push(new_tag()).returncode == 0
    assert ada.tip() in clone(hub.remote(ada.name, ada.token, f"{ada.name}/hallo"), tmp_path).stdout
    with hub.database.reading() as session:
        assert find_space(session, ada.name, "hello") is None  # the push made no second Space


def test_clone_and_push_work_by_the_owners_old_name(hub, ada, tmp_path):
    with hub.database.writing() as session:
        rename(session, COMMAND_LINE, get_user(session, ada.name), name=f"{ada.name}-2")
    assert ada.tip() in clone(ada.remote, tmp_path).stdout
    ada.commit({"more": "x"})
    assert ada.push(new_tag()).returncode == 0


def test_the_old_name_is_no_way_in_once_somebody_else_has_it(hub, ada, tmp_path):
    with hub.database.writing() as session:
        rename(session, COMMAND_LINE, get_user(session, ada.name), name=f"{ada.name}-2")
    theirs = hub.add_user(ada.name)
    assert clone(ada.remote, tmp_path).returncode != 0  # their name is not our token's any more
    assert clone(hub.remote(ada.name, theirs, f"{ada.name}/hello"), tmp_path).returncode != 0


def test_a_private_space_and_none_look_alike_to_git(hub, ada, tmp_path):
    ada.change(lambda session, space: set_visibility(session, COMMAND_LINE, space, visibility=Visibility.PRIVATE))
    stranger = f"eve-{uuid.uuid4().hex[:8]}"
    token = hub.add_user(stranger)
    for action in (["ls-remote"], ["push"]):
        answers = []
        for name in ("hello", "absent"):
            remote = hub.remote(stranger, token, f"{ada.name}/{name}")
            argv = [*action, remote, *([new_tag()] if action == ["push"] else [])]
            done = git(ada.folder, *argv, check=False)
            words = [line for line in done.stderr.splitlines() if not line.startswith("remote: Request ")]
            answers.append((done.returncode, "\n".join(words).replace(name, "NAME")))
        assert answers[0] == answers[1]
        assert answers[0][0] != 0


def test_a_push_to_what_was_taken_down_is_refused_with_the_reason(ada):
    ada.change(lambda session, space: take_down(session, COMMAND_LINE, space, reason="Shows addresses of customers."))
    ada.commit({"more": "x"})
    refused = ada.push(new_tag())
    assert refused.returncode != 0
    assert "Shows addresses of customers." in refused.stderr


def test_a_push_and_the_space_that_it_makes_are_written_down(hub, ada):
    with hub.database.reading() as session:
        rows = session.scalars(
            select(AuditEvent).where(AuditEvent.actor_name == ada.name).order_by(AuditEvent.id)
        ).all()
    assert [(row.action, row.subject_name, row.carrier) for row in rows] == [
        ("space.create", f"{ada.name}/hello", "basic"),
        ("space.push", f"{ada.name}/hello", "basic"),
    ]
    assert rows[0].address == "127.0.0.1"
