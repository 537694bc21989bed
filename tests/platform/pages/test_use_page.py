"""How to use an app from elsewhere: what it says of its API, as code that is quoted and ready to be copied."""

import ast
import asyncio
import json
import shlex
from contextlib import suppress

import pytest

from minispaces_contract.states import Sdk
from minispaces_platform.models.roles import Visibility
from minispaces_platform.spaces import app_api
from minispaces_platform.spaces.app_api import AppApi, gradio_endpoints, openapi_endpoints
from minispaces_platform.spaces.snippets import calls_of

URL = "http://ada-hello.apps.localhost:8080"
INFO = {
    "named_endpoints": {
        "/predict": {
            "parameters": [
                {"parameter_name": "text", "python_type": {"type": "str"}, "example_input": 'it\'s "so"; $(id)'},
                {"parameter_name": "film", "example_input": {"path": "https://x/y.png", "meta": {"_type": "x"}}},
            ]
        }
    }
}
HOSTILE = [
    {},
    {"named_endpoints": 5},
    {"named_endpoints": {"/x'); import os #": {"parameters": []}}},
    {"named_endpoints": {"/a": {"parameters": [{"parameter_name": "x=1); import os; (y", "example_input": None}]}}},
    {"named_endpoints": {"/a": {"parameters": [None, 3, {"example_input": "x" * 9000}]}}},
    {"named_endpoints": {f"/{n}": {} for n in range(5000)}},
]


@pytest.fixture
def settings(settings, short_dir):
    return settings.model_copy(update={"run": short_dir})


def snippets(info, *, guarded: bool = False) -> dict[str, str]:
    api = AppApi("gradio", gradio_endpoints(info), "/gradio_api")
    return {each.language: each.code for each in calls_of(api, URL, guarded=guarded)[0].snippets}


def test_python_of_a_gradio_app_names_its_parameters_and_files():
    code = snippets(INFO)["Python"]
    assert f'client = Client("{URL}")' in code
    assert 'film=handle_file("https://x/y.png")' in code
    ast.parse(code)


def test_a_shell_reads_the_example_as_one_word():
    words = shlex.split(snippets(INFO)["curl"].split("$(", 1)[1].split(" | cut")[0])
    assert (
        json.loads(words[words.index("-d") + 1])["data"][0]
        == INFO["named_endpoints"]["/predict"]["parameters"][0]["example_input"]
    )


@pytest.mark.parametrize("info", HOSTILE)
def test_no_app_writes_code_into_a_snippet(info):
    code = snippets(info)
    assert "import os" not in "".join(code.values())
    assert len(gradio_endpoints(info)) <= app_api.MAX_ENDPOINTS
    ast.parse(code["Python"])


def test_a_guarded_app_is_called_with_a_token():
    assert all("YOUR_TOKEN" in code for code in snippets(INFO, guarded=True).values())


def test_an_openapi_description_becomes_calls():
    found = openapi_endpoints(
        {"paths": {"/items": {"get": {"summary": "All"}, "parameters": []}, "//e'; rm": {"get": {}}}}
    )
    assert [(each.method, each.name, each.summary) for each in found] == [("GET", "/items", "All")]


def test_the_page_offers_frames_clones_and_pushes(client, world, ada):
    world.add_live_space(ada, "hello", title='A "title"', sdk=Sdk.STATIC)
    page = client.get("/spaces/ada/hello/use").text
    assert "title=&#34;A &amp;quot;title&amp;quot;&#34;" in page
    assert "git clone http://localhost:8080/spaces/ada/hello" in page
    assert "&lt;minispaces-app src=&#34;http://ada-hello.apps.localhost:8080&#34;" in page


def test_an_app_that_is_not_open_says_that_callers_need_a_token(signed_in, world, ada):
    world.change(world.add_live_space(ada, "hello"), visibility=Visibility.PRIVATE)
    assert "YOUR_TOKEN" in signed_in.get("/spaces/ada/hello/use").text


def test_the_script_for_other_pages_may_be_loaded_by_them(client):
    answer = client.get("/embed.js")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "customElements" in answer.text


@pytest.fixture
def app_behind_the_proxy(parts):
    """Answers on the proxy's socket for our own visits, as many requests as come."""
    answers = {"/config": {"version": "6", "components": [], "api_prefix": "/gradio_api"}, "/gradio_api/info": INFO}
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                asked.append(head)
                body = json.dumps(answers.get(head.split(" ")[1], {})).encode()
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
                await writer.drain()

    return serve, asked


def test_the_running_app_is_asked_through_the_proxy_once(client, parts, world, ada, app_behind_the_proxy):
    serve, asked = app_behind_the_proxy
    world.add_live_space(ada, "hello")

    async def listen() -> asyncio.Server:
        return await asyncio.start_unix_server(serve, str(parts.settings.apps_socket))

    server = client.portal.call(listen)
    page = client.get("/spaces/ada/hello/use").text
    client.get("/spaces/ada/hello/use")
    client.portal.call(server.close)
    assert "<code>/predict</code>" in page
    assert [head.split(" ")[1] for head in asked] == ["/config", "/gradio_api/info"]
    assert "host: ada-hello.apps.localhost" in asked[0].lower()
