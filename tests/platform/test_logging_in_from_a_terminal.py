"""`minispaces login` and the Hub's own `hf auth login`, as the real commands, against a running hub."""

import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from support.waiting import wait_for

from minispaces_platform.accounts import links, service
from minispaces_platform.models.scopes import Scope

BIN = Path(sys.executable).parent
CODE = re.compile(r"/device\?code=([A-Z]{4}-[A-Z]{4})")


@pytest.fixture
def url(hub):
    return f"http://127.0.0.1:{hub.settings.port}"


@pytest.fixture
def environment(tmp_path, url):
    """A home of its own, with a git that keeps credentials in a file."""
    (tmp_path / ".gitconfig").write_text(f"[credential]\nhelper = store --file {tmp_path}/git-credentials\n")
    unset = ("XDG_CONFIG_HOME", "HF_TOKEN", "HF_HOME", "DISPLAY", "WAYLAND_DISPLAY", "MINISPACES_URL")
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    return kept | {"HOME": str(tmp_path), "HF_ENDPOINT": url, "NO_COLOR": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1"}


@pytest.fixture
def run(environment):
    def run(*words):
        command = [BIN / words[0], *words[1:]]
        return subprocess.run(command, env=environment, text=True, capture_output=True, timeout=60)

    return run


@contextmanager
def browser_of(hub, url, name):
    """A browser that `name` is signed in with."""
    with hub.database.writing() as session:
        secret = links.create_login_link(session, service.get_user(session, name))
    with httpx2.Client(base_url=url, headers={"Origin": url, "Accept": "text/html"}) as made:
        assert made.post(f"/login/{secret}").status_code == 303
        yield made


def decided(browser, output, decision):
    code = wait_for(lambda: (found := CODE.search(output.read_text())) and found[1])
    assert browser.post("/device", data={"code": code}).status_code == 200
    assert browser.post("/device", data={"code": code, "decision": decision}).status_code == 200


def log_in_by_browser(command, environment, output, browser, decision="allow"):
    """The exit code, and everything it said."""
    with output.open("w") as file:
        process = subprocess.Popen(
            [BIN / command[0], *command[1:]], env=environment | {"PYTHONUNBUFFERED": "1"}, stdin=subprocess.DEVNULL,
            stdout=file, stderr=subprocess.STDOUT,
        )  # fmt: skip
    decided(browser, output, decision)
    return process.wait(60), output.read_text()


def test_a_browser_logs_a_terminal_in_and_the_terminal_out_again(hub, url, environment, run, tmp_path):
    hub.add_user("tina")
    with browser_of(hub, url, "tina") as browser:
        code, said = log_in_by_browser(
            ["minispaces", "login", "--url", url, "--git"], environment, tmp_path / "said", browser
        )
        assert (code, f"You are tina at {url}." in said) == (0, True), said
        stored = tmp_path / ".config/minispaces/credentials.json"
        assert stored.stat().st_mode & 0o777 == 0o600
        token = json.loads(stored.read_text())["hubs"][url]["token"]
        assert f"//tina:{token}@" in (tmp_path / "git-credentials").read_text()
        assert run("minispaces", "whoami").stdout == f"tina at {url} (oauth)\n"
        assert "The minispaces command" in browser.get("/settings/apps").text
    assert run("minispaces", "logout").returncode == 0
    assert (tmp_path / "git-credentials").read_text() == ""
    assert httpx2.get(f"{url}/api/whoami-v2", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    after = run("minispaces", "whoami", "--url", url)
    assert (after.returncode, after.stderr.splitlines()[0]) == (1, f"Error: You are not logged in to {url}.")


def test_git_pushes_with_what_the_login_left(hub, url, environment, run, tmp_path):
    run("minispaces", "login", "--url", url, "--token", hub.add_user("tom"), "--git")
    git = ["git", "-c", "user.name=tom", "-c", "user.email=tom@example.org", "-C", str(tmp_path / "demo")]
    quiet = environment | {"GIT_TERMINAL_PROMPT": "0"}
    subprocess.run(["git", "init", "-q", "-b", "main", tmp_path / "demo"], env=quiet, check=True)
    (tmp_path / "demo/index.html").write_text("hello")
    subprocess.run([*git, "add", "."], env=quiet, check=True)
    subprocess.run([*git, "commit", "-q", "-m", "Say hello"], env=quiet, check=True)
    push = [*git, "push", f"{url.replace('://', '://tom@')}/spaces/tom/demo", "main:refs/tags/draft"]
    pushed = subprocess.run(push, env=quiet, text=True, capture_output=True, timeout=60)
    assert pushed.returncode == 0, pushed.stderr


def test_a_no_in_the_browser_ends_the_login(hub, url, environment, tmp_path):
    hub.add_user("nora")
    with browser_of(hub, url, "nora") as browser:
        command = ["minispaces", "login", "--url", url]
        code, said = log_in_by_browser(command, environment, tmp_path / "said", browser, "deny")
    assert (code, "declined in the browser" in said) == (1, True)
    assert not (tmp_path / ".config").exists()


def test_a_token_logs_in_when_it_is_good(hub, url, run):
    hub.add_user("otto")
    token = hub.token_of("otto", scope=Scope.READ)
    assert run("minispaces", "login", "--url", url, "--token", token).returncode == 0
    assert run("minispaces", "whoami").stdout == f"otto at {url} (read)\n"
    bad = run("minispaces", "login", "--url", url, "--token", token[:-1])
    assert (bad.returncode, bad.stderr.splitlines()[0]) == (1, f"Error: {url} does not take this token.")
    assert run("minispaces", "whoami").stdout == f"otto at {url} (read)\n"


@pytest.mark.parametrize("address", ["ftp://x.example", "http://", "http://127.0.0.1:1", "http://a@b.example", "x y"])
def test_what_is_no_hub_is_told_in_words(run, address):
    answer = run("minispaces", "login", "--url", address, "--token", "x")
    assert (answer.returncode, answer.stderr[:7], "Traceback" in answer.stderr) == (1, "Error: ", False)


def test_the_hubs_own_command_logs_in_by_browser(hub, url, environment, run, tmp_path):
    hub.add_user("hugo")
    with browser_of(hub, url, "hugo") as browser:
        code, said = log_in_by_browser(["hf", "auth", "login"], environment, tmp_path / "said", browser)
    assert code == 0, said
    about = run("hf", "auth", "whoami")
    assert (about.returncode, "hugo" in about.stdout) == (0, True), about
    stored = (tmp_path / ".cache/huggingface/stored_tokens").read_text()
    assert ("oauth-hugo" in stored, "refresh_token" in stored) == (True, True)


def test_the_hubs_own_command_logs_in_with_a_token(hub, run):
    token = hub.add_user("tess")
    assert run("hf", "auth", "login", "--token", token).returncode == 0
    assert "tess" in run("hf", "auth", "whoami").stdout
    assert run("hf", "auth", "login", "--token", "hf_nothing", "--force").returncode != 0
