"""Static sites: what a push of plain files serves, and what it does not."""

import pytest
from support.installation import Person

pytestmark = pytest.mark.timeout(300)

FILES = {
    "README.md": "---\nsdk: static\napp_file: start/übersicht.html\n---\n",
    "start/übersicht.html": "<!doctype html><h1>Grüße</h1>",
    "notes.txt": "ñ",
    "data.wasm": b"\0asm",
    ".env": "secret",
    "folder/.hidden/key": "secret",
}


@pytest.fixture(scope="module")
def host(owner: Person, tmp_path_factory: pytest.TempPathFactory) -> str:
    pushed = owner.work_on("site", tmp_path_factory.mktemp("site"), FILES).push()
    assert pushed.returncode == 0, pushed.stderr
    return owner.host_of("site")


def test_the_app_file_is_the_first_page_whatever_its_name(host: str, owner: Person) -> None:
    answer = owner.at.get(host)
    assert (answer.status_code, "Grüße" in answer.text) == (200, True)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/notes.txt", "text/plain; charset=utf-8"),
        ("/data.wasm", "application/wasm"),
    ],
)
def test_every_kind_of_file_is_announced_as_what_it_is(host: str, owner: Person, path: str, kind: str) -> None:
    assert owner.at.get(host, path).headers["content-type"] == kind


@pytest.mark.parametrize("path", ["/nothing", "/.env", "/.git/config", "/folder/.hidden/key", "/%2e%2e/etc/passwd"])
def test_what_is_hidden_or_absent_is_not_found(host: str, owner: Person, path: str) -> None:
    answer = owner.at.get(host, path)
    assert answer.status_code in {400, 404}
    assert "secret" not in answer.text
