"""What an app keeps at /data, from the settings to the download: given, written, kept over a version, given up."""

from pathlib import Path

import pytest
from support.installation import Person
from support.waiting import wait_for

pytestmark = pytest.mark.timeout(600)
README = "---\nsdk: gradio\nstartup_duration_timeout: 60s\n---\n"
APP = """
import http.server, os, pathlib
FILE = pathlib.Path("/data/visits")
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/visit":
            FILE.write_text(FILE.read_text() + "x" if FILE.exists() else "x")
        said = FILE.read_text() if FILE.exists() else ("empty" if os.path.isdir("/data") else "no folder")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"VERSION {said}".encode())
http.server.HTTPServer(("0.0.0.0", 7860), Handler).serve_forever()
"""


def files(version: str) -> dict[str, str | bytes]:
    return {"README.md": README, "app.py": APP.replace("VERSION", version), "requirements.txt": ""}


def ask(person: Person, method: str, path: str, **options: object):
    headers = {"Authorization": f"Bearer {person.token}"}
    return person.at.ask(method, "localhost", f"/spaces/{person.name}/diary{path}", headers=headers, **options)


def says(person: Person, text: str, path: str = "/") -> bool:
    return person.at.get(person.host_of("diary"), path).text == text


def test_a_spaces_files_outlive_its_versions_until_they_are_given_up(person: Person, tmp_path: Path) -> None:
    tree = person.work_on("diary", tmp_path, files("one"))
    assert (pushed := tree.push(seconds=500)).returncode == 0, pushed.stderr
    assert not says(person, "one empty")
    assert ask(person, "POST", "/settings/storage", data={"size": "small"}).status_code == 303
    wait_for(lambda: says(person, "one empty"), seconds=60)
    assert says(person, "one x", "/visit")
    tree.commit(files("two"))
    assert tree.push().returncode == 0
    assert says(person, "two x")
    assert ask(person, "GET", "/storage/file?path=visits").text == "x"
    name = f"{person.name}/diary"
    assert ask(person, "POST", "/settings/storage/detach", data={"typed": name}).status_code == 303
    wait_for(lambda: says(person, "two no folder") or says(person, "two empty"), seconds=60)
