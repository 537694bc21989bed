"""Commits that the hub makes itself: the same gate as a push, and nothing lost."""

import subprocess

import pytest
from sqlalchemy import select

from minispaces_platform.actors import actor_of_user
from minispaces_platform.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from minispaces_platform.models.audit import AuditEvent
from minispaces_platform.models.builds import Build, Revision
from minispaces_platform.repos.changes import Move, Put, Remove
from minispaces_platform.repos.commits import RefusedError, commit
from minispaces_platform.spaces.service import get_space


@pytest.fixture
def space(world, ada):
    return world.add_space(ada, "hello")


@pytest.fixture
def make(parts, space, ada):
    """Commit as ada."""

    def make(*changes, **more):
        with parts.database.reading() as session:
            return commit(
                parts, get_space(session, "ada", "hello"), actor_of_user(session, ada), changes,
                **{"message": "Change it", **more},
            )  # fmt: skip

    return make


@pytest.fixture
def git(parts, space):
    def git(*argv):
        command = ["git", "--git-dir", parts.store.path(space.id), *argv]
        return subprocess.run(command, env=parts.store.environment, capture_output=True, text=True, check=True).stdout

    return git


def test_the_first_commit_makes_a_branch_and_a_build(make, git, parts):
    done = make(Put("app.py", b"print(1)\n"), Put("data/words.txt", b"one"), message="Begin\n\nWith words.")
    assert git("ls-tree", "-r", "--name-only", "main").split() == ["app.py", "data/words.txt"]
    assert (
        git("log", "--format=%an <%ae> %s|%b", "main").strip() == "ada <ada@users.noreply.localhost> Begin|With words."
    )
    with parts.database.reading() as session:
        build = session.get_one(Build, done.build_id)
        assert session.get_one(Revision, build.revision_id).commit == done.commit == git("rev-parse", "main").strip()
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "space.push")).one()
        assert event.carrier == "cookie"


def test_what_is_stored_is_sound_and_nothing_waits_beside_it(make, git, parts, space):
    make(*(Put(f"f{number}.txt", b"x" * number) for number in range(150)))
    make(Put("f1.txt", b"again"))
    git("fsck", "--strict", "--no-dangling")
    assert not list(parts.store.path(space.id).glob("objects/tmp_*"))


def test_files_are_replaced_moved_and_removed(make, git):
    make(Put("a.py", b"1", executable=True), Put("b/c.txt", b"2"), Put("b/d.txt", b"3"), Put("e.txt", b"4"))
    make(Put("a.py", b"one"), Move("b", "z/y"), Remove("e.txt"))
    assert git("ls-tree", "-r", "--format=%(objectmode) %(path)", "main").splitlines() == [
        "100755 a.py", "100644 z/y/c.txt", "100644 z/y/d.txt",
    ]  # fmt: skip
    assert git("show", "main:a.py") == "one"


def test_a_file_comes_from_the_disk_too(make, git, tmp_path):
    (tmp_path / "big").write_bytes(b"y" * 3_000_000)
    make(Put("big.bin", tmp_path / "big"))
    assert git("cat-file", "-s", "main:big.bin").strip() == "3000000"


def test_a_refused_commit_leaves_nothing(make, git, parts, space):
    make(Put("a", b"1"))
    before = git("count-objects", "-v")
    with pytest.raises(RefusedError, match="Did you mean 'gradio'"):
        make(Put("README.md", b"---\nsdk: gradioo\n---\n"))
    assert git("count-objects", "-v") == before


@pytest.mark.parametrize(
    "path", ["../x", "/x", "a//b", ".git/config", "a/.GIT/x", "con", "a\nb", "a\\b", "", "a/", "\u202ex"]
)
def test_a_path_that_leads_elsewhere_is_refused(make, path):
    with pytest.raises(InvalidError):
        make(Put(path, b"x"))


def test_a_name_cannot_be_a_file_and_a_folder(make):
    make(Put("a", b"1"))
    with pytest.raises(ConflictError, match="both a file and a folder"):
        make(Put("a/b", b"2"))


def test_what_somebody_else_changed_is_not_overwritten(make):
    first = make(Put("a", b"1"), Put("b", b"1"))
    make(Put("a", b"2"))
    with pytest.raises(ConflictError, match="a was changed by somebody else"):
        make(Put("a", b"3"), parent=first.commit)
    make(Put("b", b"3"), parent=first.commit)


def test_a_branch_that_moves_meanwhile_is_left_alone(make, git, monkeypatch):
    first = make(Put("a", b"1"))
    make(Put("a", b"2"))
    monkeypatch.setattr("minispaces_platform.repos.commits.tip_of", lambda *_: first.commit)
    with pytest.raises(ConflictError, match="at the same moment"):
        make(Put("b", b"3"))
    assert git("show", "main:a") == "2"


def test_nothing_changed_is_no_commit(make):
    make(Put("a", b"1"))
    with pytest.raises(InvalidError, match="Nothing has changed"):
        make(Put("a", b"1"))


def test_a_new_file_replaces_none(make):
    make(Put("a", b"1"))
    with pytest.raises(ConflictError, match="exists already"):
        make(Put("a", b"2", fresh=True))
    with pytest.raises(NotFoundError):
        make(Remove("b"))


def test_another_branch_is_stored_and_not_deployed(make, git):
    make(Put("a", b"1"))
    assert make(Put("a", b"2"), branch="try").build_id is None
    assert git("rev-list", "--count", "try").strip() == "2"


def test_a_branch_has_a_plain_name(make):
    make(Put("a", b"1"))
    for branch in ("../../HEAD", "-x", "$(id)", "a b"):
        with pytest.raises(InvalidError, match="name of a branch"):
            make(Put("a", b"2"), branch=branch)


def test_whoever_may_only_read_commits_nothing(parts, world, space):
    bob = world.add_user("bob")
    with parts.database.reading() as session, pytest.raises(ForbiddenError):
        actor = actor_of_user(session, bob)
        commit(parts, get_space(session, "ada", "hello"), actor, [Put("a", b"1")], message="")
