"""Where a Space's client may send people, on an installation with the ordinary ports."""

import pytest

from minispaces_platform.models.namespaces import Namespace, NamespaceKind
from minispaces_platform.models.spaces import Space
from minispaces_platform.oauth.clients import TERMINALS, Client, may_return_to
from minispaces_platform.settings import PlatformSettings

SETTINGS = PlatformSettings(domain="hub.example", apps_domain="apps.example", scheme="https", port=443)
OWNER = Namespace(id="1" * 32, kind=NamespaceKind.USER, name="bob")
SPACE = Space(id="2" * 32, owner=OWNER, owner_id=OWNER.id, name="hello", host_label="bob-hello")
HELLO = Client(
    "x", "Hello", (), TERMINALS[next(iter(TERMINALS))].lifetime, space=SPACE, previews=("abc1234--bob-hello",)
)
TERMINAL = next(iter(TERMINALS.values()))


@pytest.mark.parametrize(
    ("client", "uri", "good"),
    [
        (HELLO, "https://bob-hello.apps.example/login/callback?_target_url=/", True),
        (HELLO, "https://bob-hello.apps.example:443/", True),
        (HELLO, "https://bob-hello.apps.example", True),
        (HELLO, "https://abc1234--bob-hello.apps.example/login/callback", True),
        (HELLO, "https://abc1235--bob-hello.apps.example/login/callback", False),
        (HELLO, "http://bob-hello.apps.example/", False),
        (HELLO, "https://bob-hello.apps.example.evil.example/", False),
        (HELLO, "https://bob-hello.apps.example:8443/", False),
        (HELLO, "https://evil-bob-hello.apps.example/", False),
        (HELLO, "https://apps.example/", False),
        (HELLO, "https://hub.example/", False),
        (HELLO, "https://bob-hello.apps.example@evil.example/", False),
        (HELLO, "https:bob-hello.apps.example/", False),
        (HELLO, "https:///bob-hello.apps.example/", False),
        (HELLO, "https://bob-hello.apps.example%2eevil.example/", False),
        (HELLO, "https://bob-hello。apps.example/", False),
        (HELLO, "http://localhost:5000/", False),
        (TERMINAL, "http://localhost:5000/callback", True),
        (TERMINAL, "http://127.0.0.1:5000/", True),
        (TERMINAL, "http://[::1]:5000/", True),
        (TERMINAL, "http://localhost.evil.example/", False),
        (TERMINAL, "https://bob-hello.apps.example/", False),
        (TERMINAL, "http://127.0.0.1@evil.example/", False),
        (TERMINAL, "myapp://localhost/", False),
    ],
)
def test_only_pages_of_ones_own(client, uri, good):
    assert may_return_to(client, uri, SETTINGS) is good
