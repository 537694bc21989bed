"""What the proxy lets an app's token into: what its person let the app read, and never an admin's everything."""

import pytest

from minispaces_contract.states import Sdk
from minispaces_platform.accounts.secrets import digest
from minispaces_platform.edge.access import edge_access
from minispaces_platform.models.card import SpaceCard
from minispaces_platform.models.roles import Visibility
from minispaces_platform.models.spaces import Space

READING = "openid profile read-repos"


@pytest.fixture
def lets_in(world):
    """Whether the token opens a private app of `owner`'s."""

    def lets_in(token, owner):
        space = world.add_space(owner, f"private-{owner.name}")
        world.change(space, visibility=Visibility.PRIVATE)
        with world.parts.database.reading() as session:
            access = edge_access(session, world.parts.settings)
        return f"{access.keys.get(digest(token))}|{space.id}" in access.allowed

    return lets_in


def test_a_token_that_may_read_opens_its_persons_private_app_and_no_other(signed_in, ada, bob, hello, lets_in):
    token = hello.signs_in(signed_in, scope=READING)["access_token"]
    assert (lets_in(token, ada), lets_in(token, bob)) == (True, False)


def test_a_token_that_says_who_they_are_opens_nothing(signed_in, ada, hello, lets_in):
    assert not lets_in(hello.signs_in(signed_in)["access_token"], ada)


def test_an_admins_app_opens_what_is_theirs_and_not_everything(client, world, bob, hello, lets_in):
    root = world.add_user("root", admin=True)
    client.post(f"/login/{world.make_login_link(root)}")
    token = hello.signs_in(client, scope=READING)["access_token"]
    assert (lets_in(token, root), lets_in(token, bob)) == (True, False)


def test_a_token_opens_nothing_once_its_app_signs_nobody_in(signed_in, ada, hello, lets_in, world):
    token = hello.signs_in(signed_in, scope=READING)["access_token"]
    world.change(hello.space, card=SpaceCard(sdk=Sdk.GRADIO))
    assert not lets_in(token, ada)


def test_a_token_opens_nothing_once_its_app_is_deleted(signed_in, ada, hello, lets_in, world):
    token = hello.signs_in(signed_in, scope=READING)["access_token"]
    with world.parts.database.writing() as session:
        session.delete(session.get_one(Space, hello.space.id))
    assert not lets_in(token, ada)
