"""A hub that can sign passes, and a private Space with an app that runs."""

import pytest
from pydantic import SecretStr

from minispaces_platform.models.roles import Visibility
from minispaces_platform.models.spaces import Space


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"edge_key": SecretStr("k" * 43)})


@pytest.fixture
def demo(world, ada) -> Space:
    space = world.add_live_space(ada, "demo")
    world.change(space, visibility=Visibility.PRIVATE)
    return space
