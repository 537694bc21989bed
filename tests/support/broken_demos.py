"""Apps that are broken on purpose: what word, what message and how soon their owner is to get.

A row says what differs from an app that works. Of `LIVE` ones some look broken and are not: they must come up.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

STARTUP = 6
README = f"---\nsdk: gradio\nsdk_version: 5.29.0\nstartup_duration_timeout: {STARTUP}s\n---\n"
BOXED = f"---\nsdk: docker\napp_port: 7860\nstartup_duration_timeout: {STARTUP}s\n---\n"
DOCKERFILE = 'FROM python:3.11-slim\nCOPY app.py .\nENV PYTHONUNBUFFERED=1\nCMD ["python3", "app.py"]\n'
SERVER = """
import http.server, os, signal, sys, threading, time
STATUS, HOST, PORT = 200, "0.0.0.0", 7860
def eat():
    held = []
    while True: held.append(b"x" * (1 << 24))
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/eat": eat()
        if self.path == "/exit": os._exit(3)
        if self.path == "/kill": os.kill(os.getpid(), signal.SIGSEGV)
        if self.path == "/close": server.socket.close()
        if self.path == "/hang": server.process_request = lambda *_: time.sleep(1e6)
        self.send_response(STATUS)
        self.end_headers()
        self.wfile.write(b"up")
def serve():
    global server
    server = http.server.ThreadingHTTPServer((HOST, PORT), Handler)
    server.serve_forever()
"""
REFUSED = "NO_APP_FILE"
"""The push was, so there is nothing to run."""
QUICK = 25.0
"""Seconds for a push that fails before anything is waited for, on a machine that does other things as well."""
WAITED = QUICK + STARTUP
MEMORY_MB = 256
SILENCE = 8
"""After how many seconds without an answer the installation restarts an app; a fifth, where its port is closed."""
_MEMORY = f"used more memory than it may: {MEMORY_MB} MiB on tiny"


@dataclass(frozen=True)
class Demo:
    """`stage` and `words` are the runtime's; `words` also stand in the push."""

    app: str
    stage: str
    words: str = ""
    readme: str = README
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    within: float = QUICK


@dataclass(frozen=True)
class Later:
    """Of an app that was up: what a visitor asked it for, and why it was started again."""

    path: str
    words: str
    within: float = QUICK


def dies(code: str, words: str) -> Demo:
    return Demo(f"{SERVER}\n{code}\n", "RUNTIME_ERROR", words)


def waits(code: str, words: str) -> Demo:
    return Demo(f"{SERVER}\n{code}\n", "RUNTIME_ERROR", words, within=WAITED)


def not_built(words: str, *, stage: str = "BUILD_ERROR", **changes: object) -> Demo:
    return Demo(f"{SERVER}\nserve()\n", stage, words, **changes)  # type: ignore[arg-type]  # a row names its own fields


def live(code: str) -> Demo:
    return Demo(f"{SERVER}\n{code}\n", "RUNNING")


def boxed(demo: Demo, dockerfile: str = DOCKERFILE) -> Demo:
    """The same app in a container. An image takes its time."""
    files = {**demo.files, "Dockerfile": dockerfile}
    return replace(demo, readme=BOXED, files=files, within=demo.within + QUICK)


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
    "eats all memory at its start": dies("eat()", _MEMORY),
    "lets a child eat all memory, and ends": dies(
        "import subprocess; subprocess.run([sys.executable, '-c', 'x = [b\"x\" * (1 << 24) for _ in range(999)]'])\n"
        "sys.exit(5)", f"exit code 5, after one of its processes had been ended because it {_MEMORY}"
    ),
    "listens to itself": waits("HOST = '127.0.0.1'; serve()", r"seen: 127\.0\.0\.1:7860.*bind to 0\.0\.0\.0:7860"),
    "listens elsewhere": waits("PORT = 8000; serve()", r"nothing listens on port 7860 \(seen: 0\.0\.0\.0:8000\)"),
    "never listens": waits("time.sleep(999)", f"Nothing answered after {STARTUP} seconds.*no port at all"),
    "hangs in an import": Demo(
        "import slow\n", "RUNTIME_ERROR", "no port at all", files={"slow.py": "import time\ntime.sleep(999)\n"},
        within=WAITED,
    ),
    "takes requests and never answers": waits(
        "import socket; s = socket.create_server(('0.0.0.0', 7860)); time.sleep(999)",
        "the app listens on port 7860, but does not answer HTTP requests",
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
    "has a file that is too large": not_built(
        "model.bin.*1 MB", stage=REFUSED, files={"model.bin": os.urandom(2 << 20)}
    ),
    "is too large as a whole": not_built(
        r"exceeds maximum allowed size \(3\.00 MiB\)", stage=REFUSED,
        files={f"part-{number}.bin": os.urandom(900_000) for number in range(4)},
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
BOXED_DEMOS = {
    "exits with 3": boxed(DEMOS["exits with 3"]),
    "is killed": boxed(DEMOS["is killed"]),
    "crashes in native code": boxed(DEMOS["crashes in native code"]),
    "eats all memory at its start": boxed(DEMOS["eats all memory at its start"]),
    "lets a child eat all memory, and ends": boxed(DEMOS["lets a child eat all memory, and ends"]),
    "listens to itself": boxed(DEMOS["listens to itself"]),
    "never listens": boxed(DEMOS["never listens"]),
    "has a step that fails": boxed(
        not_built("RUN echo preparing && exit 7.*ended with exit code 7"),
        f"{DOCKERFILE}RUN echo preparing && exit 7\n",
    ),
    "has a Dockerfile that cannot be parsed": boxed(not_built("RUNN"), f"{DOCKERFILE}RUNN echo\n"),
    "begins from an image that nobody has": boxed(
        not_built("minispaces-has-no-such-image"), "FROM localhost:1/minispaces-has-no-such-image\n"
    ),
    "has a command that is not there": boxed(
        Demo("", "RUNTIME_ERROR", "exit code 127.*the start command was not found"),
        f'{DOCKERFILE}CMD ["no-such-program"]\n',
    ),
}
LATER = {
    "ends": Later("/exit", "ended with exit code 3"),
    "crashes in native code": Later("/kill", "ended by the signal SIGSEGV"),
    "eats all memory": Later("/eat", _MEMORY),
    "closes its port": Later("/close", "Nothing listened on port 7860 for .* though the app ran on", QUICK + SILENCE),
    "hangs": Later("/hang", "The app stopped answering for ", QUICK + 2 * SILENCE),
}
