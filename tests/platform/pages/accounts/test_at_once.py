"""Somebody new in several browsers at the same moment, on a database that lets several write."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

BROWSERS = 4

pytestmark = pytest.mark.postgres


@pytest.fixture
def rules():
    return {"organizations": {"ml": "research:write"}}


@pytest.fixture
def settings(settings, postgres_url):
    return settings.model_copy(update={"database_url": postgres_url.replace("postgresql://", "postgresql+psycopg://")})


def test_makes_one_account(new_browser, idp, people):
    together = threading.Barrier(BROWSERS)
    idp.person["groups"] = ["ml"]
    idp.before_userinfo = lambda: together.wait(60)
    browsers = [new_browser() for _ in range(BROWSERS)]
    with ThreadPoolExecutor(BROWSERS) as pool:
        answers = list(pool.map(lambda browser: browser.sign_in(), browsers))
    assert [answer.status_code for answer in answers] == [303] * BROWSERS
    assert (people.names, {browser.name for browser in browsers}) == (["Ada"], {"Ada"})
