"""Feedback reaches those who may push to a Space, and nobody else: messages, and samples flagged in its app."""

import csv
import io

import pytest

from minispaces_contract.usage import FlaggedReport, FlaggedRow
from minispaces_platform.feedback import flagged
from minispaces_platform.feedback.flagged import keep_flagged

HERE = "/spaces/ada/demo/feedback"


@pytest.fixture
def demo(ada, world):
    return world.add_live_space(ada, "demo")


@pytest.fixture
def me(ada, browser):
    return browser(ada)


@pytest.fixture
def grace(world, browser):
    return browser(world.add_user("grace"))


@pytest.fixture
def flag(parts, demo):
    def send(*values: str, deployment: str = "") -> int:
        rows = tuple(FlaggedRow(fields=(("name", value), ("output", f"Hello {value}"))) for value in values)
        with parts.database.writing() as session:
            newest = session.query(flagged.Deployment.id).scalar()
            return keep_flagged(session, FlaggedReport(deployment_id=deployment or newest, rows=rows))

    return send


def test_a_message_arrives_with_its_sender_and_version_and_is_announced(demo, me, grace):
    assert grace.post(HERE, data={"text": "The <b>slider</b> sticks"}).headers["location"] == f"{HERE}/thanks"
    assert "Thank you" in grace.get(f"{HERE}/thanks").text
    page = me.get(HERE).text
    assert "The &lt;b&gt;slider&lt;/b&gt; sticks" in page
    assert "grace" in page
    assert "version 1" in page
    assert "sent feedback" in me.get("/notifications").text


def test_only_those_who_may_push_read_it(demo, grace, browser):
    grace.post(HERE, data={"text": "a secret wish"})
    for client in (grace, browser()):
        assert "a secret wish" not in client.get(HERE).text
    assert grace.get(f"{HERE}.csv").status_code == 403
    assert "Sign in" in browser().get(HERE).text
    assert browser().post(HERE, data={"text": "x"}).status_code == 401


def test_nothing_is_refused_in_words(demo, grace):
    assert "Send" in grace.get(HERE).text
    answer = grace.post(HERE, data={"text": "  "})
    assert answer.status_code == 422
    assert "nothing in it yet" in answer.text


def test_flagged_samples_arrive_once(me, flag):
    assert flag("Ada", "Grace") == 2
    assert flag("Ada", "Grace", "Linus") == 1
    page = me.get(f"{HERE}?kind=flag").text
    assert page.count("Hello ") == 3
    assert "An output was flagged in the app" in me.get("/notifications").text


def test_samples_of_a_deployment_that_is_gone_go_nowhere(flag):
    assert flag("Ada", deployment="0" * 32) == 0


def test_an_app_cannot_fill_the_database(flag, monkeypatch):
    monkeypatch.setattr(flagged, "MOST_SAMPLES", 3)
    assert flag(*map(str, range(10))) == 3
    assert flag("x" * 30_000) == 0


def test_control_characters_in_samples_are_stored_without_harm(me, flag):
    assert flag("nul\0 and \u202edirection") == 1
    assert "nul and direction" in me.get(HERE).text


def test_what_is_resolved_leaves_the_inbox_and_can_come_back(me, grace, flag, demo):
    flag("Ada")
    grace.post(HERE, data={"text": "Nice"})
    address = me.get(HERE).text.split(f'action="{HERE}/')[2].split('"')[0]
    assert grace.post(f"{HERE}/{address}").status_code == 403
    me.post(f"{HERE}/{address}")
    assert "Nice" not in me.get(HERE).text
    assert "Nice" in me.get(f"{HERE}?state=resolved").text
    me.post(f"{HERE}/resolve-all")
    assert "Nothing waits for you" in me.get(HERE).text


def test_the_inbox_as_a_table_holds_no_formula(me, grace, flag, demo):
    grace.post(HERE, data={"text": "=HYPERLINK(1)"})
    flag("Ada")
    answer = me.get(f"{HERE}.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-disposition"].startswith("attachment")
    assert [row["text"] for row in rows] == ["'=HYPERLINK(1)", ""]
    assert '"output": "Hello Ada"' in rows[1]["sample"]


def test_feedback_of_another_space_is_not_found_here(me, grace, ada, world, demo):
    world.add_live_space(ada, "other")
    grace.post(HERE, data={"text": "Nice"})
    address = me.get(HERE).text.split(f'action="{HERE}/')[2].split('"')[0]
    assert me.post(f"/spaces/ada/other/feedback/{address}").status_code == 404
