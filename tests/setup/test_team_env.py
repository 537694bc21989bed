"""The team installation starts with secrets of its own."""

import pytest
import team_env


def test_every_secret_is_new_and_the_rest_stays_as_it_is():
    example = team_env.EXAMPLE.read_text()
    first, second = team_env.fill(example).splitlines(), team_env.fill(example).splitlines()
    filled = [line for line in first if line not in example.splitlines()]
    assert [line.partition("=")[0] for line in filled] == list(team_env.SECRETS)
    assert not set(filled) & set(second)
    assert len(first) == len(example.splitlines())


def test_an_example_without_a_secret_is_refused():
    with pytest.raises(LookupError, match="POSTGRES_PASSWORD"):
        team_env.fill("# nothing\n")
