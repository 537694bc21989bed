"""Guessing tokens (threat T18): who goes on is sent away, and a good token from the same address is not."""

import pytest

from minispaces_platform.accounts import tokens
from minispaces_platform.actors import BAD_TOKENS_MOST
from minispaces_platform.models.scopes import Scope


@pytest.fixture(autouse=True)
def _counted_from_nought(parts):
    parts.redis_sync.flushdb()
    yield
    parts.redis_sync.flushdb()


def ask(client, token):
    return client.get("/", headers={"Authorization": f"Bearer {token}"}).status_code


def test_bad_tokens_are_refused_and_soon_not_even_looked_at(client, parts, ada):
    with parts.database.writing() as session:
        good = tokens.create_token(session, ada, scope=Scope.READ)
    assert {ask(client, f"msp_{number}") for number in range(BAD_TOKENS_MOST)} == {401}
    assert ask(client, "msp_once_more") == 429
    assert ask(client, good) == 200


def test_without_redis_they_are_only_refused(client_without_redis):
    assert ask(client_without_redis, "msp_bad") == 401
