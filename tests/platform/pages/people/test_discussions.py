"""People talk about a Space: whoever may read it takes part, and its owners keep order."""

import pytest
from sqlalchemy import select

from minispaces_platform.models.discussions import Comment
from minispaces_platform.models.roles import Visibility

HERE = "/spaces/ada/demo/discussions"


@pytest.fixture
def demo(ada, add_space):
    return add_space(ada, "demo")


@pytest.fixture
def grace(world, browser):
    return browser(world.add_user("grace"))


def begin(client, title="Colours are off", text="All of them") -> str:
    answer = client.post(f"{HERE}/new", data={"title": title, "text": text})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def comment_ids(parts) -> list[str]:
    with parts.database.reading() as session:
        return list(session.scalars(select(Comment.id).order_by(Comment.id)))


def test_a_discussion_has_a_number_a_course_and_a_place_in_the_list(demo, grace, ada, browser):
    assert begin(grace) == f"{HERE}/1"
    assert begin(grace, title="Another") == f"{HERE}/2"
    browser(ada).post(f"{HERE}/1/comment", data={"text": "Which *one*?"})
    assert "<em>one</em>" in grace.get(f"{HERE}/1").text
    page = browser().get(HERE).text
    assert page.index("Colours are off") < page.index("Another")  # answered last
    assert "1 reply" in page


def test_a_stranger_reads_and_is_asked_to_sign_in(demo, grace, browser):
    begin(grace)
    assert "Sign in to take part" in browser().get(f"{HERE}/1").text
    assert browser().post(f"{HERE}/1/comment", data={"text": "x"}).status_code == 401


def test_who_may_not_read_the_space_may_not_talk_about_it(ada, add_space, grace):
    add_space(ada, "demo", Visibility.PRIVATE)
    assert grace.get(HERE).status_code == 404
    assert grace.post(f"{HERE}/new", data={"title": "t", "text": "x"}).status_code == 404


def test_what_is_empty_comes_back_with_words_and_keeps_the_rest(demo, grace):
    answer = grace.post(f"{HERE}/new", data={"title": " ", "text": "kept words"})
    assert answer.status_code == 422
    assert "A title is needed" in answer.text
    assert "kept words" in answer.text


def test_ones_own_comment_is_edited_and_deleted_and_nobody_elses(demo, grace, ada, browser, parts):
    begin(grace)
    me = browser(ada)
    me.post(f"{HERE}/1/comment", data={"text": "mine"})
    first, mine = comment_ids(parts)
    assert grace.post(f"{HERE}/1/comments/{mine}/edit", data={"text": "stolen"}).status_code == 403
    assert grace.post(f"{HERE}/1/comments/{mine}/delete").status_code == 403
    assert me.post(f"{HERE}/1/comments/{mine}/edit", data={"text": "better"}).status_code == 303
    assert "better" in grace.get(f"{HERE}/1").text
    assert me.post(f"{HERE}/1/comments/{mine}/delete").status_code == 303
    assert comment_ids(parts) == [first]
    assert grace.post(f"{HERE}/1/comments/{first}/delete").status_code == 409


def test_a_comment_of_another_discussion_is_not_found_here(demo, grace, parts):
    begin(grace)
    begin(grace, title="Second")
    other = comment_ids(parts)[1]
    assert grace.post(f"{HERE}/1/comments/{other}/edit", data={"text": "moved"}).status_code == 404


def test_who_began_it_closes_it_and_others_do_not(demo, grace, world, browser):
    begin(grace)
    assert browser(world.add_user("linus")).post(f"{HERE}/1/close").status_code == 403
    assert grace.post(f"{HERE}/1/close").status_code == 303
    assert "Colours are off" not in grace.get(HERE).text
    assert "Colours are off" in grace.get(f"{HERE}?state=closed").text
    grace.post(f"{HERE}/1/reopen")
    assert "reopened this" in grace.get(f"{HERE}/1").text


def test_an_owner_hides_what_others_then_do_not_read(demo, grace, ada, browser, parts):
    begin(grace, text="rude words")
    only = comment_ids(parts)[0]
    assert grace.post(f"{HERE}/1/comments/{only}/hide").status_code == 403
    browser(ada).post(f"{HERE}/1/comments/{only}/hide")
    assert "rude words" not in browser().get(f"{HERE}/1").text
    assert "rude words" in browser(ada).get(f"{HERE}/1").text


def test_an_owner_pins_what_stays_on_top(demo, grace, ada, browser):
    begin(grace, title="Read me first")
    begin(grace, title="Newer")
    assert grace.post(f"{HERE}/1/pin").status_code == 403
    browser(ada).post(f"{HERE}/1/pin")
    page = browser().get(HERE).text
    assert page.index("Read me first") < page.index("Newer")


def test_a_new_title_stands_in_the_course(demo, grace):
    begin(grace)
    grace.post(f"{HERE}/1/title", data={"title": "Greens are off"})
    page = grace.get(f"{HERE}/1").text
    assert "renamed it from" in page
    assert "<title>Greens are off" in page


def test_nobody_talks_without_end(demo, grace, monkeypatch):
    monkeypatch.setattr("minispaces_platform.discussions.pages.MOST_COMMENTS", 2)
    begin(grace)
    begin(grace)
    answer = grace.post(f"{HERE}/1/comment", data={"text": "my long answer"})
    assert answer.status_code == 429
    assert "my long answer" in answer.text


def test_every_deed_is_written_down(demo, grace, events):
    begin(grace)
    grace.post(f"{HERE}/1/close")
    assert [event.action for event in events()[-2:]] == ["discussion.start", "discussion.close"]


def test_a_discussion_costs_as_many_statements_with_many_comments_as_with_few(demo, grace, statements):
    def count() -> int:
        statements.clear()
        grace.get(f"{HERE}/1")
        return len(statements)

    begin(grace, text="hello @ada")
    few = count()
    for number in range(6):
        grace.post(f"{HERE}/1/comment", data={"text": f"{number} @ada @grace"})
    assert count() == few
    assert few < 14


def test_what_is_long_goes_on_on_another_page(demo, grace, monkeypatch):
    for module in ("queries", "views", "pages.queries"):
        monkeypatch.setattr(f"minispaces_platform.discussions.{module}.COMMENTS_PAGE", 2)
    begin(grace)
    for number in range(3):
        answer = grace.post(f"{HERE}/1/comment", data={"text": f"answer {number}"})
    assert "?page=2#" in answer.headers["location"]
    assert "answer 0" in grace.get(f"{HERE}/1").text
    assert "answer 2" in grace.get(f"{HERE}/1?page=2").text
