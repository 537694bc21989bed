"""What the versions page says of releases, and what its buttons do."""

import pytest

from minispaces_contract.states import InstanceStatus

PATH = "/spaces/ada/hello/versions"


def test_it_says_which_version_serves_and_that_it_is_not_the_newest(running, signed_in):
    running.go_live()
    running.go_live()
    assert "It is not the newest" not in signed_in.get(PATH).text
    running.roll_back()
    running.report()
    page = signed_in.get(PATH).text
    assert "Version 1 serves" in page
    assert "went back to it" in page
    assert 'It is not the newest: that is <a href="#v2">version 2</a>' in page


def test_going_back_is_asked_first_with_what_it_changes(running, signed_in):
    running.go_live()
    running.set("MODEL", "tiny-4711")
    running.go_live()
    running.set("MODEL", "large")
    running.set("KEY", "sk-new", secret=True)
    page = signed_in.get(f"{PATH}/1/release").text
    assert "Roll back to version 1?" in page
    assert "As they were then: <code>MODEL</code>" in page
    assert "It does without <code>KEY</code>" in page
    assert "sk-new" not in page
    assert "tiny-4711" not in page


def test_the_button_goes_back_and_says_so(running, signed_in):
    running.go_live()
    running.go_live()
    assert f'href="{PATH}/1/release"' in signed_in.get(PATH).text
    answer = signed_in.post(f"{PATH}/1/release")
    assert answer.headers["location"] == f"{PATH}?done=switch"
    assert running.newest.version == 1
    assert "until the other one answers" in signed_in.get(answer.headers["location"]).text


def test_a_held_version_waits_on_the_page_for_its_button(running, signed_in):
    running.go_live()
    signed_in.post(f"{PATH}/hold", data={"holds": "yes"})
    running.build(running.push())
    page = signed_in.get(PATH).text
    assert "Held</span>" in page
    assert "Promote<span" in page
    assert 'href="http://aaaaaa2--ada-hello.apps.localhost:8080"' in page
    signed_in.post(f"{PATH}/2/release")
    running.report()
    assert "Version 2 serves" in signed_in.get(PATH).text


def test_previews_of_branches_are_listed(running, signed_in):
    running.go_live()
    running.build(running.push("feature/<b>"))
    page = signed_in.get(PATH).text
    assert "feature/&lt;b&gt;</bdi></a></li>" in page
    assert "<b>" not in page.replace("<bdi>", "")


def test_a_version_that_failed_leaves_the_old_one_serving_and_says_why(running, signed_in):
    running.go_live()
    running.build(running.push())
    running.report(InstanceStatus.FAILED, detail="it ended with exit code 3")
    assert "Version 1 serves" in signed_in.get(PATH).text
    page = signed_in.get("/spaces/ada/hello").text
    assert "it ended with exit code 3 Version 1 still serves." in page


@pytest.mark.parametrize("path", ["/1/release", "/hold"])
def test_strangers_see_no_button_and_may_not_press_one(running, client, path):
    running.go_live()
    running.go_live()
    assert f"{PATH}/1/release" not in client.get(PATH).text
    assert client.post(PATH + path).status_code in {303, 401}
    assert running.newest.version == 2
