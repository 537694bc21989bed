"""The section Sleep of a Space's settings: what is chosen there reaches the runner, and restarts nothing."""

import re
from datetime import timedelta

import pytest

from minispaces_contract.states import InstanceStatus
from minispaces_platform.database import now
from minispaces_platform.deployments.world import desired_world
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.sleeping.service import MOST_WARM_TIMES

SETTINGS = "/spaces/ada/hello/settings"
WEEKLY = {"weekdays": ["1"], "start": "15:00", "end": "16:00", "zone": "Europe/Berlin"}


@pytest.fixture
def space(world, ada):
    return world.add_live_space(ada, "hello")


def told(parts):
    with parts.database.reading() as session:
        (spec,) = desired_world(session, parts.settings).deployments
        return spec


def section(client) -> str:
    page = client.get(SETTINGS).text
    return re.sub(r"\s+", " ", page[page.index('id="sleep"') : page.index('id="variables"')])


def saved(answer) -> None:
    assert answer.status_code == 303, answer.text


def test_the_usual_time_is_named_and_another_is_chosen_without_a_restart(signed_in, parts, space):
    assert "As usual here: after 2 days" in section(signed_in)
    before = told(parts).id
    saved(signed_in.post(f"{SETTINGS}/sleep", data={"seconds": "900"}))
    assert "After 5 minutes it holds still, which nobody notices. After 15 minutes without" in section(signed_in)
    assert (told(parts).id, told(parts).sleep.stop_after) == (before, 900)
    saved(signed_in.post(f"{SETTINGS}/sleep", data={"seconds": "-1"}))
    assert "It goes on working without visitors." in section(signed_in)
    saved(signed_in.post(f"{SETTINGS}/sleep", data={"seconds": "default"}))
    assert told(parts).sleep.stop_after == 172_800


def test_what_is_not_allowed_is_neither_offered_nor_taken(signed_in, parts, space, monkeypatch):
    monkeypatch.setattr(parts.settings, "longest_sleep_hours", 1)
    assert ("Never" in section(signed_in), "After 1 hour<" in section(signed_in)) == (False, True)
    assert signed_in.post(f"{SETTINGS}/sleep", data={"seconds": "7200"}).status_code == 422
    assert told(parts).sleep.stop_after == 3600


def test_a_weekly_time_is_told_with_its_next_coming_and_taken_back(signed_in, parts, space):
    saved(signed_in.post(f"{SETTINGS}/warm", data=WEEKLY))
    shown = section(signed_in)
    assert re.search(r"Kept warm n(ext|ow): Tuesday \d+ \w+, 15:00 to 16:00 \(Europe/Berlin\)", shown)
    (time_id,) = re.findall(r'name="time_id" value="(\w+)"', shown)
    saved(signed_in.post(f"{SETTINGS}/warm/remove", data={"time_id": time_id}))
    assert "Kept warm n" not in section(signed_in)
    assert signed_in.post(f"{SETTINGS}/warm/remove", data={"time_id": time_id}).status_code == 404


def test_a_reserved_slot_of_today_reaches_the_runner(signed_in, parts, space):
    at = (now() + timedelta(hours=1)).replace(second=0, microsecond=0)
    slot = {"day": f"{at:%Y-%m-%d}", "start": f"{at:%H:%M}", "end": f"{at + timedelta(hours=1):%H:%M}", "zone": "UTC"}
    saved(signed_in.post(f"{SETTINGS}/warm", data=slot))
    assert told(parts).sleep.warm == ((at.timestamp(), at.timestamp() + 3600),)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"weekdays": []}, "Choose weekdays, or one date"),
        ({"day": "2090-12-01"}, "Choose weekdays, or one date"),
        ({"weekdays": [], "day": "2020-12-01"}, "over already"),
        ({"zone": "Mars/Olympus"}, "no time zone"),
        ({"end": "15:00"}, "end when it begins"),
    ],
)
def test_a_time_that_makes_no_sense_is_refused_beside_the_form(signed_in, space, wrong, words):
    answer = signed_in.post(f"{SETTINGS}/warm", data=WEEKLY | wrong)
    assert (answer.status_code, words in answer.text) == (422, True)


@pytest.mark.parametrize("wrong", [{"start": "99:00"}, {"weekdays": ["8"]}, {"day": "soon"}, {"zone": "x" * 200}])
def test_what_no_browser_sends_is_refused(signed_in, space, wrong):
    assert signed_in.post(f"{SETTINGS}/warm", data=WEEKLY | wrong).status_code == 422


def test_there_is_an_end_to_the_times(signed_in, space):
    for _ in range(MOST_WARM_TIMES):
        saved(signed_in.post(f"{SETTINGS}/warm", data=WEEKLY))
    assert signed_in.post(f"{SETTINGS}/warm", data=WEEKLY).status_code == 422


def test_buttons_put_it_to_sleep_and_wake_it(signed_in, world, parts, space):
    assert ("Put to sleep" in signed_in.get(SETTINGS).text, ">Wake<" in signed_in.get(SETTINGS).text) == (True, False)
    saved(signed_in.post("/spaces/ada/hello/sleep"))
    with parts.database.reading() as session:
        deployment = session.query(Deployment).one()
    world.change(deployment, observed=InstanceStatus.SLEEPING)
    assert ("Put to sleep" in signed_in.get(SETTINGS).text, ">Wake<" in signed_in.get(SETTINGS).text) == (False, True)
    saved(signed_in.post("/spaces/ada/hello/wake"))
    assert told(parts).sleep.awake_since > told(parts).sleep.asleep_since


def test_an_administrator_puts_an_app_to_sleep_from_the_list_of_what_runs(client, world, parts, space):
    client.post(f"/login/{world.make_login_link(world.add_user('root', admin=True))}")
    saved(client.post(f"/admin/running/{space.id}/sleep"))
    assert told(parts).sleep.asleep_since


def test_a_sleeping_spaces_page_says_so_and_its_frame_is_the_visit_that_wakes_it(client, world, parts, space):
    with parts.database.reading() as session:
        deployment = session.query(Deployment).one()
    world.change(deployment, observed=InstanceStatus.SLEEPING)
    page = client.get("/spaces/ada/hello").text
    assert ("it wakes when somebody opens it" in page, 'src="http://ada-hello.apps.localhost:8080/"' in page) == (
        True,
        True,
    )
    world.change(deployment, observed=InstanceStatus.STARTING)
    assert f'data-key="{deployment.id}"' in client.get("/spaces/ada/hello").text
