"""A push, from git's command line to the last line that it prints. The tests play the builder and the runner."""

import os
import re
import subprocess
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from support.git import git
from support.waiting import wait_for

from minispaces_contract.messages import BuildSpec
from minispaces_contract.states import InstanceStatus
from minispaces_platform.accounts.service import get_user
from minispaces_platform.models.notices import Quota
from minispaces_platform.models.scopes import Scope
from minispaces_platform.spaces.service import find_space

from .conftest import Hub

README = "---\nsdk: gradio\ntitle: Hello\n---\n"


@dataclass
class Work:
    """A person with a working tree and the remote it goes to."""

    hub: Hub
    user: str
    token: str
    folder: Path
    name: str = "hello"

    @property
    def space(self) -> str:
        return f"{self.user}/{self.name}"

    @property
    def remote(self) -> str:
        return self.hub.remote(self.user, self.token, self.space)

    def commit(self, **files: str) -> str:
        for name, content in files.items():
            (self.folder / name.replace("__", ".")).write_text(content)
        git(self.folder, "add", ".")
        git(self.folder, "commit", "--quiet", "--allow-empty", "--message", "Change it")
        return self.tip()

    def tip(self) -> str:
        return git(self.folder, "rev-parse", "HEAD").stdout.strip()

    def push(self, *refs: str, build: Callable[[BuildSpec], None] | None = None) -> subprocess.CompletedProcess[str]:
        """`build` answers the build that the push asks for, while git waits."""
        working = threading.Thread(target=lambda: build and build(self.hub.next_build(self.space)))
        working.start()
        done = git(self.folder, "push", self.remote, *(refs or ("main",)), check=False)
        working.join(30)
        return done


@pytest.fixture
def work(hub: Hub, tmp_path: Path) -> Work:
    user = f"u{uuid.uuid4().hex[:10]}"
    made = Work(hub, user, hub.add_user(user), tmp_path)
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    made.commit(README__md=README)
    return made


def test_the_build_is_heard_in_the_push_and_ends_with_the_url(work: Work) -> None:
    commit = work.commit(app__py="print('hello')")

    def build(spec: BuildSpec) -> None:
        work.hub.log(spec, "Installing gradio", "Installed 50 packages")
        work.hub.go_live(spec)

    done = work.push(build=build)
    assert done.returncode == 0, done.stderr
    lines = [line.rstrip() for line in done.stderr.splitlines()]
    assert "remote:        Installing gradio" in lines
    live = lines.index(f"remote: -----> Version 1 ({commit[:7]}) is live, started in 0.4 s")
    assert lines[live + 1].endswith(f"http://{work.user}-hello.apps.localhost:{work.hub.settings.port}")


def test_a_line_arrives_while_the_build_goes_on(work: Work) -> None:
    heard = threading.Event()
    process = subprocess.Popen(["git", "push", work.remote, "main"], cwd=work.folder, stderr=subprocess.PIPE, text=True)
    spec = work.hub.next_build(work.space)
    work.hub.log(spec, "first line")
    assert process.stderr is not None
    for line in process.stderr:
        if "first line" in line:
            heard.set()
            work.hub.go_live(spec)
    assert process.wait() == 0
    assert heard.is_set()


def test_a_failed_build_fails_the_command_but_keeps_the_commit(work: Work) -> None:
    done = work.push(build=lambda spec: work.hub.finish(spec, error="gradio 99 does not exist."))
    assert done.returncode == 1
    assert "Version 1" in done.stderr
    assert "failed: gradio 99 does not exist." in done.stderr
    assert "[new branch]      main -> main" in done.stderr
    assert git(work.folder, "ls-remote", work.remote, "main").stdout


def test_a_failed_start_says_so_and_names_what_is_still_live(work: Work) -> None:
    work.push(build=work.hub.go_live)
    work.commit()

    def build(spec: BuildSpec) -> None:
        work.hub.finish(spec)
        work.hub.report_instance(work.space, InstanceStatus.FAILED, detail="it ended with exit code 3.")

    done = work.push(build=build)
    assert done.returncode == 1
    assert "did not start: it ended with exit code 3." in done.stderr
    assert "Version 1 is still live at http://" in done.stderr


def test_a_pusher_who_hangs_up_does_not_stop_the_build(work: Work) -> None:
    process = subprocess.Popen(["git", "push", work.remote, "main"], cwd=work.folder, stderr=subprocess.DEVNULL)
    spec = work.hub.next_build(work.space)
    process.kill()
    process.wait()
    work.hub.go_live(spec)
    page = f"http://127.0.0.1:{work.hub.settings.port}/spaces/{work.space}"
    assert wait_for(lambda: "Running" in httpx2.get(page).text)


def test_what_cannot_be_deployed_is_refused_before_it_lands(work: Work) -> None:
    work.commit(README__md="---\nsdk: gradioo\n---\n")
    done = work.push()
    assert done.returncode == 1
    assert "remote: error E_CONFIG: unknown sdk 'gradioo'. Did you mean 'gradio'?" in done.stderr
    assert "pre-receive hook declined" in done.stderr
    assert not git(work.folder, "ls-remote", work.remote, check=False).stdout


def test_more_than_the_quota_for_disk_leaves_is_refused_before_it_lands(work: Work) -> None:
    with work.hub.database.writing() as session:
        session.add(Quota(namespace_id=get_user(session, work.user).id, disk=10**6))
    (work.folder / "data.bin").write_bytes(os.urandom(2 << 20))
    work.commit()
    assert "error E_QUOTA: this brings 2.1" in work.push().stderr
    assert not git(work.folder, "ls-remote", work.remote, check=False).stdout


@pytest.mark.parametrize(
    ("ref", "code"),
    [("refs/heads/$(id)", "E_REF_NAME"), ("refs/notes/x", "E_REF_PREFIX"), ("refs/heads/-x", "E_REF_NAME")],
)
def test_refs_that_are_no_plain_branch_or_tag_are_refused(work: Work, ref: str, code: str) -> None:
    assert f"error {code}" in work.push(f"main:{ref}").stderr


def test_the_deployed_branch_cannot_be_deleted(work: Work) -> None:
    work.push(build=work.hub.go_live)
    assert "cannot delete the deployed branch main" in work.push(":main").stderr


def test_too_many_refs_change_nothing(work: Work) -> None:
    assert "E_TOO_MANY_REFS" in work.push(*[f"main:refs/heads/b{number}" for number in range(101)]).stderr
    assert not git(work.folder, "ls-remote", work.remote, check=False).stdout


def test_another_branch_gets_a_preview_and_is_not_deployed(work: Work) -> None:
    done = work.push("main:feature", build=work.hub.finish)
    assert done.returncode == 0
    assert "Only main is deployed; other branches get a preview." in done.stderr
    assert "of feature is built, and asleep until somebody opens it" in done.stderr
    assert re.search(rf"http://[0-9a-f]{{7}}--{work.space.replace('/', '-')}\.", done.stderr)
    assert f"http://feature--{work.space.replace('/', '-')}." in done.stderr


def test_a_branch_that_cannot_be_built_does_not_fail_the_push(work: Work) -> None:
    done = work.push("main:feature", build=lambda spec: work.hub.finish(spec, error="no"))
    assert done.returncode == 0
    assert "failed: no" in done.stderr


def test_a_first_push_of_master_makes_it_the_deployed_branch(work: Work) -> None:
    assert work.push("main:master", build=work.hub.go_live).returncode == 0


def test_symlinks_out_of_the_tree_and_submodules_are_refused(work: Work) -> None:
    (work.folder / "link").symlink_to("/etc/passwd")
    work.commit()
    assert "error E_SYMLINK: symbolic link link -> /etc/passwd" in work.push().stderr
    (work.folder / "link").unlink()
    work.commit(**{".gitmodules": '[submodule "x"]\n\tpath = x\n\turl = https://example.com/x\n'})
    assert "error E_SUBMODULE" in work.push().stderr


def test_clone_and_fetch_need_no_token_and_may_be_shallow(work: Work, tmp_path: Path) -> None:
    work.push(build=work.hub.go_live)
    work.commit()
    work.push(build=work.hub.go_live)
    url = f"http://127.0.0.1:{work.hub.settings.port}/spaces/{work.space}.git"
    git(tmp_path, "clone", "--quiet", "--depth", "1", url, "shallow")
    assert git(tmp_path / "shallow", "rev-list", "--count", "HEAD").stdout.strip() == "1"
    for version in ("0", "2"):
        git(tmp_path, "-c", f"protocol.version={version}", "clone", "--quiet", url, f"v{version}")
        assert (tmp_path / f"v{version}" / "README.md").exists()


@pytest.mark.parametrize("post_buffer", ["70000", "100000000"], ids=["chunked", "whole"])
def test_a_large_push_arrives_whole(work: Work, post_buffer: str) -> None:
    (work.folder / "data.bin").write_bytes(bytes(range(256)) * 40_000 + uuid.uuid4().bytes * 100_000)
    work.commit()
    git(work.folder, "config", "http.postBuffer", post_buffer)
    assert work.push(build=work.hub.go_live).returncode == 0
    assert git(work.folder, "ls-remote", work.remote, "main").stdout.split()[0] == work.tip()


@pytest.mark.parametrize("post_buffer", ["70000", "100000000"], ids=["chunked", "whole"])
def test_a_large_pack_is_kept_as_it_came_and_a_small_one_is_not(work: Work, post_buffer: str) -> None:
    git(work.folder, "config", "http.postBuffer", post_buffer)
    work.push(build=work.hub.go_live)
    assert packs_of(work) == 0
    (work.folder / "data.bin").write_bytes(os.urandom(2 << 20))
    work.commit()
    assert work.push(build=work.hub.go_live).returncode == 0
    assert packs_of(work) == 1


def packs_of(work: Work) -> int:
    with work.hub.database.reading() as session:
        space = find_space(session, work.user, work.name)
    return len(list((work.hub.settings.repositories / f"{space.id}.git" / "objects" / "pack").glob("*.pack")))


def test_who_may_not_push_is_told_why(work: Work, hub: Hub) -> None:
    reading = hub.token_of(work.user, scope=Scope.READ)
    other = f"o{uuid.uuid4().hex[:10]}"
    strange = hub.add_user(other)
    said = {
        name: git(work.folder, "push", hub.remote(*who, work.space), "main", check=False).stderr
        for name, who in {
            "read": (work.user, reading), "wrong": (work.user, "msp_wrong"), "mixed": (work.user, strange),
            "other": (other, strange), "bearer-ish": (work.user, "x" * 9000),
        }.items()
    }  # fmt: skip
    assert "This token may only read." in said["read"]
    assert "This access token is not valid." in said["wrong"]
    assert "is not" in said["mixed"]
    assert f"You may not make Spaces under '{work.user}'" in said["other"]
    assert "This access token is not valid." in said["bearer-ish"]


@pytest.mark.parametrize("name", ["a--b", "x" * 64, "con", "-a"])
def test_a_bad_name_makes_no_space(work: Work, name: str) -> None:
    work.name = name
    assert "cannot be the name of a Space" in work.push().stderr


def test_the_same_ref_pushed_at_once_has_one_winner(work: Work, tmp_path: Path) -> None:
    work.push(build=work.hub.go_live)
    clones = [tmp_path / f"clone{number}" for number in range(4)]
    for clone in clones:
        git(tmp_path, "clone", "--quiet", work.remote, clone.name)
        (clone / "mine.txt").write_text(clone.name)
        git(clone, "add", ".")
        git(clone, "commit", "--quiet", "--message", clone.name)
    pushing = [
        subprocess.Popen(["git", "push", work.remote, "main"], cwd=clone, stderr=subprocess.DEVNULL) for clone in clones
    ]
    work.hub.go_live(work.hub.next_build(work.space))
    assert sorted(process.wait(30) for process in pushing) == [0, 1, 1, 1]
    git(tmp_path, "clone", "--quiet", work.remote, "after")
    assert (tmp_path / "after" / "mine.txt").exists()


def test_an_unknown_service_and_dumb_paths_are_refused(work: Work) -> None:
    base = f"http://127.0.0.1:{work.hub.settings.port}/spaces/{work.space}"
    assert httpx2.get(f"{base}/info/refs?service=git-upload-archive").status_code == 403
    assert httpx2.get(f"{base}/info/refs").status_code == 403
    assert httpx2.get(f"{base}/objects/info/packs").status_code == 404
    assert httpx2.post(f"{base}/git-receive-pack", content=b"garbage").status_code == 401


def test_garbage_instead_of_a_pack_harms_nothing(work: Work) -> None:
    work.push(build=work.hub.go_live)
    base = f"http://127.0.0.1:{work.hub.settings.port}/spaces/{work.space}"
    for body in (b"zzzz", b"0032" + b"x" * 10, b"00000009done\n", b"\x00" * 5000):
        answer = httpx2.post(f"{base}/git-receive-pack", content=body, auth=(work.user, work.token))
        assert answer.status_code == 200
    assert git(work.folder, "ls-remote", work.remote, "main").stdout
