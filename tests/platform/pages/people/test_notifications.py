"""Who is told of what, and that nobody is told of a Space that they may not read."""

import pytest

from minispaces_platform.models.roles import Role, Visibility

HERE = "/spaces/ada/demo/discussions"


@pytest.fixture
def demo(ada, add_space):
    return add_space(ada, "demo")


@pytest.fixture
def me(ada, browser):
    return browser(ada)


@pytest.fixture
def grace(world, browser):
    return browser(world.add_user("grace"))


def begin(client, text="All of them", where=HERE):
    return client.post(f"{where}/new", data={"title": "Colours are off", "text": text})


def bell(client) -> str:
    return client.get("/notifications").text


def test_an_owner_hears_of_a_new_discussion_and_whoever_began_it_does_not(demo, me, grace):
    begin(grace)
    assert "began a discussion" in bell(me)
    assert "Nothing to read" in bell(grace)


def test_whoever_took_part_hears_of_answers(demo, me, grace):
    begin(grace)
    me.post(f"{HERE}/1/comment", data={"text": "Which?"})
    assert "replied" in bell(grace)


def test_whoever_is_named_hears_it_once(demo, me, grace, world, browser):
    linus = browser(world.add_user("linus"))
    begin(grace, text="@linus and @ada, look")
    assert "mentioned you" in bell(linus)
    assert (bell(me).count("mentioned you"), bell(me).count("began a discussion")) == (1, 0)


def test_nobody_is_told_of_a_space_that_they_may_not_read(ada, add_space, me, world, browser):
    linus = browser(world.add_user("linus"))
    add_space(ada, "demo", Visibility.PRIVATE)
    begin(me, text="@linus look")
    assert "Nothing to read" in bell(linus)


def test_what_was_told_is_gone_with_the_right_to_read(demo, me, world, browser):
    linus = browser(world.add_user("linus"))
    begin(me, text="@linus look")
    assert "mentioned you" in bell(linus)
    world.change(demo, visibility=Visibility.PRIVATE)
    assert "Nothing to read" in bell(linus)
    assert 'class="bell-count"' not in linus.get("/").text


def test_the_bell_counts_until_it_was_read(demo, me, grace):
    begin(grace)
    begin(grace)
    assert ">2<" in me.get("/settings/profile").text.split("bell-count")[1][:40]
    me.get(f"{HERE}/1")
    assert ">1<" in me.get("/settings/profile").text.split("bell-count")[1][:40]
    me.post("/notifications/read")
    assert "bell-count" not in me.get("/settings/profile").text


def test_opening_one_marks_it_read_and_leads_to_it(demo, me, grace):
    begin(grace)
    address = bell(me).split('action="/notifications/')[2].split('"')[0]
    assert me.post(f"/notifications/{address}").headers["location"] == f"{HERE}/1"
    assert "bell-unread" not in bell(me)
    assert grace.post(f"/notifications/{address}").status_code == 404


def test_watching_brings_news_and_quiet_keeps_them_away(demo, me, grace, world, browser):
    linus = browser(world.add_user("linus"))
    linus.post("/spaces/ada/demo/watch", data={"wants": "yes"})
    me.post("/spaces/ada/demo/watch", data={"wants": "no"})
    begin(grace)
    assert "began a discussion" in bell(linus)
    assert "Nothing to read" in bell(me)


def test_an_organisations_admins_hear_and_its_readers_do_not(lab, me, world, browser, grace):
    reader = world.add_user("linus")
    lab.add(reader, Role.READ)
    lab.add_space("demo")
    begin(grace, where="/spaces/lab/demo/discussions")
    assert "began a discussion" in bell(me)
    assert "Nothing to read" in bell(browser(reader))


def test_watching_leads_nowhere_else(demo, grace):
    answer = grace.post("/spaces/ada/demo/watch", data={"wants": "yes", "onward": "https://evil.example/"})
    assert answer.headers["location"] == "/spaces/ada/demo"


def test_whoever_took_part_hears_that_it_was_closed(demo, me, grace):
    begin(grace)
    me.post(f"{HERE}/1/close")
    page = bell(grace)
    assert "closed a discussion" in page
    assert ">Colours are off<" in page
