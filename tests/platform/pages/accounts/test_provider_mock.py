"""PyPI's oidc-provider-mock: a provider that lets anybody claim anything."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from oidc_provider_mock import User, run_server_in_thread

from minispaces_platform.accounts.providers import Provider
from minispaces_platform.settings import PlatformSettings

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # its own use of Authlib
MAIL = {"email": "ada@example.com", "email_verified": True}


@pytest.fixture
def settings(tmp_path: Path, redis_socket: Path) -> Iterator[PlatformSettings]:
    claims = [User(sub="ada", claims=MAIL), User(sub="thief", claims=MAIL), User(sub="a\nb", claims=MAIL)]
    with run_server_in_thread(require_nonce=True, user_claims=claims) as server:
        issuer = f"http://localhost:{server.server_port}"
        mock = Provider(name="company", issuer=issuer, client_id="any", client_secret="any")
        yield PlatformSettings(data=tmp_path, redis_url=f"unix://{redis_socket}", providers=(mock,))


def sign_in(browser, sub):
    back = urlsplit(httpx2.post(browser.begin(), data={"sub": sub}).headers["location"])
    return browser.client.get(f"{back.path}?{back.query}")


def test_two_who_claim_one_email_have_two_accounts(browser, new_browser, people):
    thief = new_browser()
    sign_in(browser, "ada")
    sign_in(thief, "thief")
    assert (browser.name, thief.name, people.names) == ("ada", "ada-2", ["ada", "ada-2"])


def test_a_subject_with_a_line_break_signs_nobody_in(browser, people):
    assert sign_in(browser, "a\nb").status_code == 400
    assert people.names == []
