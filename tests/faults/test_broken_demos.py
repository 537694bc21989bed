"""Twenty-five apps that are broken on purpose: what word, what message and how soon their owner gets.

A row says what differs from an app that works. `live` rows look broken and are not: they must come up.
"""

import re
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.installation import Installation, Person
from support.waiting import wait_for

STARTUP = 6
README = f"---\nsdk: gradio\nsdk_version: 5.29.0\nstartup_duration_timeout: {STARTUP}s\n---\n"
SERVER = """
import http.server, os, signal, sys, threading, time
STATUS, HOST, PORT = 200, "0.0.0.0", 7860
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(STATUS)
        self.end_headers()
        self.wfile.write(b"up")
def serve():
    http.server.ThreadingHTTPServer((HOST, PORT), Handler).serve_forever()
"""
REFUSED = "refused (404)"
"""The push was, so there is no Space."""
QUICK = 25.0
"""Seconds for a push that fails before anything is waited for, on a machine that does other things as well."""
WAITED = QUICK + STARTUP


@dataclass(frozen=True)
class Demo:
    """`stage` and `words` are the runtime's; `words` also stand in the push."""

    app: str
    stage: str
    words: str = ""
    readme: str = README
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    within: float = QUICK


def dies(code: str, words: str) -> Demo:
    return Demo(f"{SERVER}\n{code}\n", "RUNTIME_ERROR", words)


def waits(code: str, words: str) -> Demo:
    return Demo(f"{SERVER}\n{code}\n", "RUNTIME_ERROR", words, within=WAITED)


def not_built(words: str, *, stage: str = "BUILD_ERROR", **changes: object) -> Demo:
    return Demo(f"{SERVER}\nserve()\n", stage, words, **changes)  # type: ignore[arg-type]  # a row names its own fields


def live(code: str) -> Demo:
    return Demo(f"{SERVER}\n{code}\n", "RUNNING")


DEMOS = {
    "ends at once": dies("print('done')", r"ended at once without an error \(exit code 0\)"),
    "exits with 3": dies("sys.exit(3)", "ended with exit code 3"),
    "is killed": dies("os.kill(os.getpid(), 9)", "ended by the signal SIGKILL"),
    "crashes in native code": dies("os.kill(os.getpid(), signal.SIGSEGV)", "ended by the signal SIGSEGV"),
    "dies after a second": dies("time.sleep(1); raise RuntimeError('no model')", "ended with exit code 1"),
    "imports what is not installed": dies("import not_a_package", "ended with exit code 1"),
    "cannot be read": dies("def (:", "ended with exit code 1"),
    "needs a variable that nobody set": dies("os.environ['API_KEY']", "ended with exit code 1"),
    "asks its terminal": dies("input('name? ')", "ended with exit code 1"),
    "writes where it may not": dies("open('/usr/lib/mine', 'w')", "ended with exit code 1"),
    "leaves its children behind": dies(
        "import subprocess; subprocess.Popen(['sleep', '999'], start_new_session=True)", "exit code 0"
    ),
    "floods its log": dies("[print('x' * 200) for _ in range(50_000)]; sys.exit(4)", "ended with exit code 4"),
    "fills its scratch folder": dies(
        "os.posix_fallocate(os.open('/tmp/full', os.O_CREAT | os.O_WRONLY), 0, 1 << 40)", "ended with exit code 1"
    ),
    "listens to itself": waits("HOST = '127.0.0.1'; serve()", r"seen: 127\.0\.0\.1:7860.*bind to 0\.0\.0\.0:7860"),
    "listens elsewhere": waits("PORT = 8000; serve()", r"nothing listens on port 7860 \(seen: 0\.0\.0\.0:8000\)"),
    "never listens": waits("time.sleep(999)", f"Nothing answered after {STARTUP} seconds.*no port at all"),
    "hangs in an import": Demo(
        "import slow\n", "RUNTIME_ERROR", "no port at all", files={"slow.py": "import time\ntime.sleep(999)\n"},
        within=WAITED,
    ),
    "answers 500 for ever": waits("STATUS = 500; serve()", r"answers, but with an error \(HTTP 500\)"),
    "has no app file": not_built(
        "main.py", stage="NO_APP_FILE", readme=README.replace("sdk:", "app_file: main.py\nsdk:")
    ),
    "has a front matter that is none": not_built(
        "front matter|YAML", stage=REFUSED, readme="---\nsdk: [gradio\n---\n"
    ),
    "has a port that is none": not_built(
        "app_port", stage=REFUSED, readme="---\nsdk: docker\napp_port: 99999\n---\n"
    ),
    "needs packages that do not fit together": not_built(
        "requirements.txt", files={"requirements.txt": "numpy==1.26.4\nnumpy==2.0.0\n"}
    ),
    "needs a package that nobody has": not_built(
        "There is no package named", files={"requirements.txt": "minispaces-has-no-such-package\n"}
    ),
    "answers 404 at its front page": live("STATUS = 404; serve()"),
    "does not hear SIGTERM": live("signal.signal(15, signal.SIG_IGN); serve()"),
    "changes its own files": live("open(__file__, 'a').write('# more'); serve()"),
}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    pushed: bool
    said: str
    stage: str
    message: str
    seconds: float


def push(at: Installation, person: Person, folder: Path, demo: Demo) -> Outcome:
    name = folder.name
    tree = person.work_on(name, folder, {"README.md": demo.readme, "app.py": demo.app, **demo.files})
    began = time.monotonic()
    pushed = tree.push()
    seconds = time.monotonic() - began
    runtime = wait_for(lambda: settled(at, person, name), seconds=20) or {}
    message = str(runtime.get("errorMessage", ""))
    return Outcome(pushed.returncode == 0, pushed.stderr, str(runtime.get("stage", "")), message, seconds)


def settled(at: Installation, person: Person, name: str) -> dict[str, object] | None:
    headers = {"Authorization": f"Bearer {person.token}"}
    answer = at.ask("GET", "localhost", f"/api/spaces/{person.name}/{name}/runtime", headers=headers)
    if not answer.is_success:
        return {"stage": f"refused ({answer.status_code})"}
    return None if answer.json()["stage"] in {"BUILDING", "APP_STARTING"} else answer.json()


@pytest.fixture(scope="module")
def owner(broken_again: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """Somebody whose first app, which works, has made the environment of all others."""
    somebody = broken_again.add_person(f"o{uuid.uuid4().hex[:8]}")
    warm = push(broken_again, somebody, tmp_path_factory.mktemp("warm"), Demo(f"{SERVER}\nserve()\n", "RUNNING"))
    assert warm.pushed, warm.said
    yield somebody
    somebody.stop_apps()


@pytest.mark.network
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", DEMOS)
def test_its_owner_is_told_what_is_wrong_and_soon(*, at, owner, tmp_path, figure, name):
    outcome = push(at, owner, tmp_path / re.sub(r"\W+", "-", name), DEMOS[name])
    figure(f"{outcome.stage} after {outcome.seconds:.1f} s: {outcome.message}")
    assert differences(DEMOS[name], outcome) == [], outcome.said


def differences(demo: Demo, outcome: Outcome) -> list[str]:
    found = [] if outcome.stage == demo.stage else [f"stage {outcome.stage}, not {demo.stage}"]
    found += [] if outcome.pushed == (demo.stage == "RUNNING") else ["the push"]
    found += [] if re.search(demo.words, outcome.said, re.DOTALL) else ["the push's words"]
    known = demo.stage in {REFUSED, "NO_APP_FILE"} or re.search(demo.words, outcome.message, re.DOTALL)
    found += [] if known else ["the message"]
    return found + ([] if outcome.seconds <= demo.within else [f"{outcome.seconds:.0f} s"])
