"""Gradio demos, used through the proxy by Gradio's own client."""

import re
import uuid
from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from support.git import WorkingTree
from support.installation import Person

pytestmark = pytest.mark.timeout(600)

APP = """
import threading

import gradio as gr

go_on = threading.Event()


def greet(name):
    return f"Hello {name}!"


def tell(story):
    for word in story.split():
        yield word
        go_on.wait(30)
        go_on.clear()


def proceed():
    go_on.set()
    return "ok"


def size(file):
    with open(file, "rb") as opened:
        return len(opened.read())


def visitor(request: gr.Request):
    headers = request.headers
    return [request.client.host, headers["x-forwarded-proto"], headers["x-forwarded-host"]]


with gr.Blocks() as demo:
    text, file, number, data = gr.Textbox(), gr.File(), gr.Number(), gr.JSON()
    for function, inputs, outputs in [
        (greet, text, text), (tell, text, text), (proceed, None, text), (size, file, number), (visitor, None, data)
    ]:
        gr.Button(function.__name__).click(function, inputs, outputs, api_name=function.__name__)

demo.launch()
"""
README = "---\ntitle: Greetings\nsdk: gradio\n---\n"
OLD = """
import gradio as gr

gr.Interface(lambda name: f"Hello {name}!", "text", "text").launch(server_name="0.0.0.0", server_port=7860)
"""


@pytest.fixture(scope="module")
def greetings(owner: Person, tmp_path_factory: pytest.TempPathFactory) -> WorkingTree:
    tree = owner.work_on("greetings", tmp_path_factory.mktemp("greetings"), {"README.md": README, "app.py": APP})
    pushed = tree.push(seconds=500)
    assert pushed.returncode == 0, pushed.stderr
    return tree


@pytest.fixture
def client(greetings: WorkingTree, owner: Person) -> Client:
    return Client(owner.url_of("greetings"), verbose=False)


def test_a_prediction_comes_back(client: Client) -> None:
    assert client.predict("Ada", api_name="/greet") == "Hello Ada!"


def test_partial_answers_come_one_by_one(client: Client) -> None:
    """The app says the second word only when it is asked to: a proxy that kept the first one would wait for ever."""
    heard = []
    for word in client.submit("once upon a time", api_name="/tell"):
        heard.append(word)
        client.predict(api_name="/proceed")
    assert heard == ["once", "upon", "a", "time"]


def test_an_upload_arrives_whole(client: Client, tmp_path: Path) -> None:
    (tmp_path / "large.bin").write_bytes(b"x" * 5_000_000)
    assert client.predict(handle_file(str(tmp_path / "large.bin")), api_name="/size") == 5_000_000


def test_the_app_knows_who_asks_and_under_which_name(client: Client, owner: Person) -> None:
    host = f"{owner.host_of('greetings')}:{owner.at.port}"
    assert client.predict(api_name="/visitor") == ["127.0.0.1", "http", host]


def test_a_change_of_code_installs_nothing(greetings: WorkingTree, owner: Person) -> None:
    said = uuid.uuid4().hex
    greetings.commit({"app.py": APP.replace('"ok"', f'"{said}"')})
    pushed = greetings.push()
    assert pushed.returncode == 0, pushed.stderr
    assert not re.search("Resolving|Installing|Making the image", pushed.stderr)
    assert Client(owner.url_of("greetings"), verbose=False).predict(api_name="/proceed") == said


def test_an_old_pin_runs_with_the_packages_of_its_time(owner: Person, tmp_path: Path) -> None:
    """With today's packages, Gradio 4.44.1 does not even import."""
    readme = "---\nsdk: gradio\nsdk_version: 4.44.1\n---\n"
    pushed = owner.work_on("old", tmp_path, {"README.md": readme, "app.py": OLD}).push(seconds=500)
    assert pushed.returncode == 0, pushed.stderr
    assert "Dependencies as of 2024-11-14, 45 days after gradio 4.44.1" in pushed.stderr
    assert Client(owner.url_of("old"), verbose=False).predict("Ada", api_name="/predict") == "Hello Ada!"
