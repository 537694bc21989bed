"""What a push says when the new version does not come up; the one that was live stays live."""

import pytest
from support.git import WorkingTree
from support.installation import Person

pytestmark = pytest.mark.timeout(600)

SERVER = """
import http.server


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"the good one")


http.server.HTTPServer((HOST, PORT), Handler).serve_forever()
"""
GOOD = {
    "README.md": "---\nsdk: gradio\nstartup_duration_timeout: 6s\n---\n",
    "app.py": SERVER.replace("HOST, PORT", "'0.0.0.0', 7860"),
    "requirements.txt": "",
}
CRASH = "print('reading the model', flush=True)\nraise FileNotFoundError('model.bin is gone')\n"
BAD = {
    "a package that nobody has": (
        {"requirements.txt": "minispaces-has-no-such-package==1.0\n"},
        ["There is no package named minispaces-has-no-such-package"],
    ),
    "a requirement that is none": (
        {"requirements.txt": "numpy = 1.26\n"},
        ["requirements.txt line 1", "two equal signs"],
    ),
    "no such app file": ({"README.md": "---\nsdk: gradio\napp_file: main.py\n---\n"}, ["main.py", "app.py"]),
    "an unknown sdk": ({"README.md": "---\nsdk: gradioo\n---\n"}, ["Did you mean 'gradio'?"]),
    "a crash at its start": ({"app.py": CRASH}, ["reading the model", "model.bin is gone", "ended with exit code 1"]),
    "an end without an error": ({"app.py": "print('done')"}, ["ended at once without an error"]),
    "no port at all": (
        {"app.py": "import time\nprint('thinking', flush=True)\ntime.sleep(999)"},
        ["thinking", "Nothing answered after 6 seconds", "no port at all"],
    ),
    "another port": (
        {"app.py": SERVER.replace("HOST, PORT", "'0.0.0.0', 8000")},
        ["nothing listens on port 7860 (seen: 0.0.0.0:8000)"],
    ),
    "only errors": (
        {"app.py": GOOD["app.py"].replace("200", "500")},
        ["answers, but with an error (HTTP 500)"],
    ),
}


@pytest.fixture(scope="module")
def space(owner: Person, tmp_path_factory: pytest.TempPathFactory) -> WorkingTree:
    tree = owner.work_on("steady", tmp_path_factory.mktemp("steady"), GOOD)
    pushed = tree.push(seconds=500)
    assert pushed.returncode == 0, pushed.stderr
    return tree


@pytest.mark.parametrize("case", BAD)
def test_the_push_fails_in_words_and_the_good_version_stays(space: WorkingTree, owner: Person, case: str) -> None:
    files, words = BAD[case]
    space.commit(GOOD | files)
    pushed = space.push("+main")
    assert pushed.returncode != 0
    assert [word for word in words if word not in pushed.stderr] == [], pushed.stderr
    assert owner.at.get(owner.host_of("steady")).text == "the good one"
