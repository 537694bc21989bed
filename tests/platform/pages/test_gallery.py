"""The gallery: cards and pages."""

import html
import re

import pytest

from minispaces_contract.states import BuildStatus, Sdk


def test_an_empty_hub_shows_how_to_push_the_first_space(client):
    page = client.get("/").text
    assert "git push http://YOU:TOKEN@localhost:8080/spaces/YOU/hello main" in page


def test_somebody_signed_in_sees_commands_with_their_own_name(signed_in):
    assert "git push http://ada:TOKEN@localhost:8080/spaces/ada/hello main" in signed_in.get("/").text


def test_a_card_shows_what_the_front_matter_says(client, world, ada):
    world.add_live_space(
        ada, "hello", title="Hello World", emoji="👋", color_from="pink", color_to="yellow", sdk=Sdk.GRADIO
    )
    page = client.get("/").text
    for shown in ("Hello World", "👋", "from-pink to-yellow", 'href="/spaces/ada/hello"', "gradio", "Running"):
        assert shown in page


def test_a_colour_that_is_none_of_the_eight_is_not_put_into_the_page(client, world, ada):
    world.add_live_space(ada, "hello", color_from="x-evil")
    assert "x-evil" not in client.get("/").text


def test_names_and_titles_are_text_whatever_they_hold(client, world, ada):
    world.add_live_space(ada, "hello", title="<script>alert(1)</script>", short_description="\u202etxet", emoji="<b>")
    page = client.get("/").text
    assert "<script>alert" not in page
    assert "<b>" not in page
    assert "\u202e" not in page


def test_the_gallery_takes_five_statements_however_many_spaces(client, world, ada, statements):
    for number in range(3):
        world.add_live_space(ada, f"demo-{number}", tags=("audio",))
    statements.clear()
    client.get("/")
    few = len(statements)
    for number in range(3, 9):
        world.add_build(world.add_live_space(ada, f"demo-{number}"), BuildStatus.BUILDING)
    statements.clear()
    client.get("/")
    assert (few, len(statements)) == (5, 5)


@pytest.mark.parametrize("sort", ["", "likes", "new", "visits"])
def test_pages_go_on_where_the_one_before_ended(client, world, ada, monkeypatch, sort):
    monkeypatch.setattr("minispaces_platform.gallery.queries.PAGE_SIZE", 2)
    for number in range(5):
        world.change(world.add_space(ada, f"demo-{number}"), likes=number % 2, visits=number % 3, trending=0.1 * number)
    address, seen = f"/?sort={sort}&part=results", []
    while address:
        page = client.get(address).text
        seen.append(re.findall(r'href="/spaces/ada/demo-(\d)"', page))
        onward = re.search(r'rel="next" href="([^"]+)"', page)
        address = onward and f"{html.unescape(onward[1])}&part=results"
    assert [len(page) for page in seen] == [2, 2, 1]
    assert sorted(number for page in seen for number in page) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("query", ["after=x", "after=0_nan_x_y", "state=odd", "sdk=java", "sort=%00", "q=" + "x" * 201])
def test_what_no_page_of_ours_asks_is_refused_in_words(client, query):
    answer = client.get(f"/?{query}")
    assert answer.status_code == 422
    assert "<h1>" in answer.text
