"""The program that serves static sites."""

import httpx2
import pytest

from minispaces_builder.static_site import publish, site


@pytest.fixture
def get(tmp_path):
    """GET from a site whose folder is built from a dict."""

    async def request(files, path, app_file="index.html", **headers):
        root = tmp_path / "site"
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        transport = httpx2.ASGITransport(app=site(root, app_file))
        async with httpx2.AsyncClient(transport=transport, base_url="http://site") as http:
            return await http.get(path, headers=headers)

    return request


pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("/", "home", "text/html; charset=utf-8"),
        ("/sub/", "sub", "text/html; charset=utf-8"),
        ("/x.mjs", "js", "text/javascript; charset=utf-8"),
        ("/d.json", "{}", "application/json; charset=utf-8"),
        ("/a%20b.css", "css", "text/css; charset=utf-8"),
        ("/m.wasm", "", "application/wasm"),
    ],
)
async def test_files_are_served_with_their_types(get, path, text, kind):
    files = {
        "index.html": "home",
        "sub/index.html": "sub",
        "x.mjs": "js",
        "d.json": "{}",
        "a b.css": "css",
        "m.wasm": "",
    }
    answer = await get(files, path)
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (200, text, kind)


async def test_a_folder_without_a_slash_is_redirected_with_its_query(get):
    answer = await get({"sub/index.html": ""}, "/sub?q=1")
    assert (answer.status_code, answer.headers["location"]) == (307, "/sub/?q=1")


async def test_another_app_file_is_the_front_page(get):
    assert (await get({"hello.html": "hi"}, "/", app_file="hello.html")).text == "hi"


async def test_an_app_file_in_a_folder_is_the_front_page_and_finds_its_assets(get):
    """No redirect: the address that a push prints answers 200 on the first request."""
    files = {"dist/index.html": "app", "dist/assets/x.js": "js", "x.css": "root", "dist/x.css": "built"}
    answers = [await get(files, path, app_file="dist/index.html") for path in ("/", "/assets/x.js", "/x.css")]
    assert [(answer.status_code, answer.text) for answer in answers] == [(200, "app"), (200, "js"), (200, "built")]
    assert (await get(files, "/dist/assets/x.js", app_file="dist/index.html")).text == "js"


async def test_ranges_work_for_media(get):
    answer = await get({"v.mp4": "0123456789"}, "/v.mp4", range="bytes=2-4")
    assert (answer.status_code, answer.text) == (206, "234")


@pytest.mark.parametrize(
    "path",
    ["/.env", "/.git/config", "/%2e%2e/secret", "/..%2fsecret", "/sub/../../secret", "/%00", "/folder/", "/link"],
)
async def test_nothing_hidden_or_outside_is_served(get, tmp_path, path):
    (tmp_path / "site/folder").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "site/link").symlink_to("../secret")
    answer = await get({".env": "secret", ".git/config": "secret"}, path)
    assert answer.status_code == 404
    assert "secret" not in answer.text


async def test_a_site_without_its_front_page_says_so_and_lists_nothing(get):
    answer = await get({"private.txt": ""}, "/")
    assert answer.status_code == 404
    assert "This site has no index.html yet." in answer.text
    assert "private" not in answer.text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<!doctype html><html lang=de><HEAD>", "<meta charset=utf-8><script>app()</script>"),
        ("", "<h1>Hello</h1>"),
        ("<!DOCTYPE html>\n<!-- <script> -->\n", "<title>x</title>"),
        ("", ""),
    ],
)
async def test_pages_learn_what_huggingface_js_asks_for_ahead_of_their_scripts(before, after):
    variables = {"OAUTH_CLIENT_ID": "</script>", "OAUTH_CLIENT_SECRET": "secret", "HOME": "/home/user"}
    page = publish((before + after).encode(), variables).decode()
    script = r'<script>window.huggingface={variables:{"OAUTH_CLIENT_ID": "\u003c/script>"}}</script>'
    assert page == before + script + after


async def test_without_anything_to_tell_a_page_stays_as_it_is():
    assert publish(b"<h1>Hello</h1>", {"PATH": "/bin"}) == b"<h1>Hello</h1>"


def test_the_spaces_own_variables_are_published_and_never_replace_what_the_hub_says():
    page = publish(b"<p>hi", {"SPACE_ID": "ada/x", "SPACE_VARIABLES": '{"MODEL": "tiny", "SPACE_ID": "eve/x"}'})
    assert b'window.huggingface={variables:{"MODEL": "tiny", "SPACE_ID": "ada/x"}}' in page
