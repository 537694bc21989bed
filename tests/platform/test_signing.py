"""Keys that the installation makes once, whichever process needs them first."""

import json
import subprocess
import sys

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from minispaces_platform.settings import PlatformSettings
from minispaces_platform.signing import derive_secret, public_keys, sign

PRINT_KEYS = """
import json, sys
from pathlib import Path
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.signing import derive_secret, public_keys
settings = PlatformSettings(data=Path(sys.argv[1]))
sys.stdin.readline()
print(json.dumps([public_keys(settings), derive_secret(settings, "a", "b")]))
"""


@pytest.fixture
def settings(tmp_path):
    return PlatformSettings(data=tmp_path)


def test_what_is_signed_can_be_checked_with_the_public_keys(settings):
    keys = KeySet.import_key_set(public_keys(settings))
    assert jwt.decode(sign(settings, {"sub": "ada"}), keys, algorithms=["RS256"]).claims == {"sub": "ada"}


def test_the_public_keys_have_nothing_private(settings):
    assert {"d", "p", "q", "dp", "dq", "qi"}.isdisjoint(public_keys(settings)["keys"][0])


def test_keys_are_for_their_owner_alone(settings):
    sign(settings, {})
    derive_secret(settings, "a")
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in (settings.data / "keys").iterdir()}
    assert modes == {"signing.json": "0o600", "derivation.key": "0o600"}


def test_a_derived_secret_is_its_words_own(settings, tmp_path):
    secrets = {derive_secret(settings, *words) for words in (("a", "b"), ("ab",), ("a", "c"), ("b", "a"))}
    assert len(secrets) == 4
    elsewhere = PlatformSettings(data=tmp_path / "elsewhere")
    assert derive_secret(elsewhere, "a", "b") not in secrets


def test_processes_that_need_a_key_at_once_agree(tmp_path):
    command = [sys.executable, "-c", PRINT_KEYS, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    racers = [subprocess.Popen(command, **pipes) for _ in range(4)]
    for racer in racers:
        racer.stdin.write("\n")
        racer.stdin.flush()
    answers = [json.loads(racer.communicate(timeout=60)[0]) for racer in racers]
    assert all(answer == answers[0] for answer in answers)
    assert len(list((tmp_path / "keys").iterdir())) == 2
