"""The list of Spaces."""

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


def test_the_list_takes_three_statements_however_many_spaces(client, world, ada, statements):
    for number in range(3):
        world.add_live_space(ada, f"demo-{number}")
    statements.clear()
    client.get("/")
    few = len(statements)
    for number in range(3, 9):
        world.add_build(world.add_live_space(ada, f"demo-{number}"), BuildStatus.BUILDING)
    statements.clear()
    client.get("/")
    assert (few, len(statements)) == (3, 3)


def test_more_spaces_than_a_page_holds_are_on_the_next_page(client, world, ada, monkeypatch):
    monkeypatch.setattr("minispaces_platform.spaces.queries.PAGE_SIZE", 2)
    for name in ("one", "two", "three"):
        world.add_space(ada, name)
    assert "/spaces/ada/one" not in client.get("/").text
    assert 'href="?page=2"' in client.get("/").text
    assert "/spaces/ada/one" in client.get("/?page=2").text


def test_a_page_number_that_is_none_is_refused_in_words(client):
    answer = client.get("/?page=-1")
    assert answer.status_code == 422
    assert "page" in answer.text
