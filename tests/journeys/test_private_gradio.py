"""A private Gradio demo, used by Gradio's own client with a token and by a browser's steps, and by nobody else."""

import pytest
from gradio_client import Client
from support.installation import Installation, Person
from support.waiting import wait_for

pytestmark = pytest.mark.timeout(600)

APP = """
import gradio as gr

gr.Interface(lambda name: f"Hello {name}!", "text", "text", api_name="greet").launch()
"""
README = "---\ntitle: Secret\nsdk: gradio\n---\n"
BROWSER = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}


@pytest.fixture(scope="module")
def secret(at: Installation, owner: Person, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The app's address."""
    pushed = owner.work_on("secret", tmp_path_factory.mktemp("secret"), {"README.md": README, "app.py": APP}).push(
        seconds=500
    )
    assert pushed.returncode == 0, pushed.stderr
    at.command("visibility", f"{owner.name}/secret", "private")
    wait_for(lambda: at.get(owner.host_of("secret"), "/config").status_code == 401)
    return owner.url_of("secret")


def test_gradios_client_predicts_with_a_token_of_its_owner(secret: str, owner: Person) -> None:
    client = Client(secret, token=owner.token, verbose=False)
    assert client.predict("Ada", api_name="/greet") == "Hello Ada!"


def test_older_clients_predict_with_the_token_as_a_header(secret: str, owner: Person) -> None:
    client = Client(secret, headers={"Authorization": f"Bearer {owner.token}"}, verbose=False)
    assert client.predict("Ada", api_name="/greet") == "Hello Ada!"


@pytest.mark.parametrize("whose", ["nobody", "stranger", "broken"])
def test_gradios_client_gets_no_further_without_the_right(secret: str, person: Person, whose: str) -> None:
    token = {"nobody": None, "stranger": person.token, "broken": person.token[:-1]}[whose]
    with pytest.raises(Exception, match="credentials"):
        Client(secret, token=token, verbose=False)


def test_a_browser_goes_from_the_app_to_the_hub_and_back_and_is_out_once_signed_out(
    at: Installation, owner: Person, secret: str
) -> None:
    host, hub = owner.host_of("secret"), "localhost"
    sent = at.get(host, "/?view=api", headers=BROWSER)
    assert sent.status_code == 302
    way = sent.headers["location"].removeprefix(f"http://localhost:{at.port}")
    login = at.command("user", "login-link", owner.name).rsplit(f":{at.port}", 1)[1]
    signed_in = at.ask("POST", hub, login, headers={"Origin": f"http://localhost:{at.port}"})
    session = {"Cookie": signed_in.headers["set-cookie"].split(";")[0]}
    ticket = at.get(hub, way, headers=BROWSER | session).headers["location"]
    entered = at.get(host, ticket.removeprefix(secret), headers=BROWSER)
    assert entered.headers["location"] == "/?view=api"
    cookie = {"Cookie": entered.headers["set-cookie"].split(";")[0]}
    assert at.get(host, "/config", headers=cookie).json()["mode"] == "interface"
    assert at.get(host, ticket.removeprefix(secret), headers=BROWSER).status_code == 400
    at.ask("POST", hub, "/logout", headers=session | {"Origin": f"http://localhost:{at.port}"})
    wait_for(lambda: at.get(host, "/config", headers=cookie).status_code == 401, seconds=2)
