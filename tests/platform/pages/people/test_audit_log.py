"""The audit log is searched, paged and exported; nothing that somebody writes breaks its lines."""

import json
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from minispaces_platform.accounts.links import create_setup_link
from minispaces_platform.models.audit import AuditEvent

DAY = datetime(2026, 5, 31, 12, tzinfo=UTC)


@pytest.fixture
def root(browser, world) -> TestClient:
    return browser(world.add_user("root", admin=True))


@pytest.fixture
def write(parts):
    def add(**fields) -> None:
        row = {
            "actor_name": "grace", "carrier": "cookie", "action": "space.rename", "subject_kind": "space",
            "subject_id": "1", "subject_name": "grace/hello", "details": {}, "at": DAY,
        }  # fmt: skip
        with parts.database.writing() as session:
            session.add(AuditEvent(**{**row, **fields}))

    return add


def shown(root, **query):
    lines = root.get("/admin/audit.jsonl", params=query).text.splitlines()
    return [json.loads(line)["subject"]["name"] for line in lines]


def test_who_did_what_to_which_when_and_from_where(root, browser, ada, add_space):
    add_space(ada, "hello")
    proxied = {"X-Forwarded-For": "192.0.2.7"}
    browser(ada).post("/spaces/ada/hello/settings/visibility", data={"visibility": "private"}, headers=proxied)
    row = json.loads(root.get("/admin/audit.jsonl?action=space.visibility").text)
    assert (row["actor"]["name"], row["actor"]["carrier"]) == ("ada", "cookie")
    assert (row["action"], row["subject"]["name"], row["address"]) == ("space.visibility", "ada/hello", "192.0.2.7")
    assert (row["details"], len(row["request_id"])) == ({"before": "public", "after": "private"}, 32)
    assert datetime.fromisoformat(row["at"]).tzinfo is not None
    page = root.get("/admin/audit").text
    for word in ("space.visibility", "ada/hello", "192.0.2.7", "private"):
        assert word in page


@pytest.mark.parametrize(
    "query",
    [
        {"person": "LIN"}, {"action": "user.susp"}, {"thing": "NEEDLE"}, {"text": "because of"}, {"text": "198.51"},
        {"since": "2026-06-02"}, {"since": "2026-06-02", "until": "2026-06-02"}, {"person": "linus", "thing": "needle"},
    ],
)  # fmt: skip
def test_each_filter_finds_its_rows_and_no_others(root, write, query):
    write()
    write(
        actor_name="linus", action="user.suspend", subject_name="needle", address="198.51.100.9",
        details={"reason": "because of this"}, at=datetime(2026, 6, 2, 23, 59, 59, tzinfo=UTC),
    )  # fmt: skip
    found = shown(root, **{"until": "2026-06-30", **query})
    assert found == ["needle"]
    page = root.get("/admin/audit", params={"until": "2026-06-30", **query}).text
    assert "needle" in page
    assert "grace/hello" not in page


def test_wildcards_of_the_database_are_ordinary_letters(root, write):
    write()
    assert shown(root, thing="%") == []
    assert shown(root, thing="grace_hello") == []


def test_days_may_be_any_and_what_is_none_is_said(root):
    assert root.get("/admin/audit?since=0001-01-01&until=9999-12-31").status_code == 200
    assert root.get("/admin/audit?since=yesterday").status_code == 422
    assert root.get("/admin/audit?text=%00&before=%00").status_code == 200


def test_pages_follow_each_other_without_a_gap_while_rows_are_added(root, write, monkeypatch):
    monkeypatch.setattr("minispaces_platform.audit.views.PAGE_SIZE", 3)
    monkeypatch.setattr("minispaces_platform.audit.pages.PAGE_SIZE", 3)
    for number in range(8):
        write(subject_name=f"row-{number}")
    seen, address = "", "?thing=row-"
    while address:
        page = root.get(f"/admin/audit{address}").text
        write(subject_name="added-since")
        seen += page
        link = page.split('rel="next" href="')
        address = link[1].split('"')[0].replace("&amp;", "&") if len(link) > 1 else ""
    assert [seen.count(f"row-{number}<") for number in range(8)] == [1] * 8


def test_the_export_has_everything_however_much_it_is(root, write, parts, monkeypatch):
    monkeypatch.setattr("minispaces_platform.audit.queries._BATCH", 3)
    for number in range(9):
        write(subject_name=f"row-{number}")
    assert shown(root, thing="row-") == [f"row-{number}" for number in reversed(range(9))]


def test_a_line_is_a_row_whatever_somebody_wrote(root, write):
    write(subject_name="a\nb\u2028c", details={"reason": "\r\n\x1b[31m\u202eevil</script>"})
    answer = root.get("/admin/audit.jsonl?thing=b")
    assert answer.headers["content-type"].startswith("application/jsonl")
    assert len(answer.text.splitlines()) == 1
    page = root.get("/admin/audit").text
    assert "</script>" not in page.split("entries")[1]
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_no_secret_is_in_it(root, browser, world, ada):
    link = world.make_login_link(world.add_user("grace"))
    text = root.get("/admin/audit.jsonl").text
    assert link not in text


def test_the_first_admin_signing_in_and_signing_out_are_in_it(client, parts, events):
    with parts.database.writing() as session:
        secret = create_setup_link(session)
    client.post(f"/setup/{secret}", data={"name": "ada"})
    client.post("/logout")
    assert [(event.actor_name, event.action) for event in events()] == [
        ("ada", "user.create"), ("ada", "account.sign_in"), ("ada", "account.sign_out"),
    ]  # fmt: skip
