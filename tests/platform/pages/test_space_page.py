"""A Space's page: the app in its frame, or the truth about why there is none."""

import pytest

from minispaces_contract.states import BuildStatus, InstanceStatus


def test_a_running_app_is_framed_in_a_sandbox(client, world, ada):
    world.add_live_space(ada, "hello")
    page = client.get("/spaces/ada/hello").text
    assert 'src="http://ada-hello.apps.localhost:8080/"' in page
    assert "allow-same-origin allow-scripts" in page
    assert "allow-top-navigation" not in page


def test_the_query_and_the_base_path_are_handed_on_to_the_app(client, world, ada):
    world.add_live_space(ada, "hello", base_path="/start")
    page = client.get('/spaces/ada/hello?a=1&b="><script>').text
    assert 'src="http://ada-hello.apps.localhost:8080/start?a=1&amp;b=' in page
    assert "<script>" not in page


def test_a_base_path_cannot_name_another_host(client, world, ada):
    world.add_live_space(ada, "hello", base_path="@evil.example/")
    assert "evil.example" not in client.get("/spaces/ada/hello").text


def test_a_space_without_a_push_shows_how_to_push(client, world, ada):
    world.add_space(ada, "hello")
    page = client.get("/spaces/ada/hello").text
    assert "git push http://ada:TOKEN@localhost:8080/spaces/ada/hello main" in page
    assert "<iframe" not in page


def test_a_first_build_shows_that_it_runs_and_where_its_log_is(signed_in, world, ada):
    world.add_build(world.add_space(ada, "hello"), BuildStatus.BUILDING)
    page = signed_in.get("/spaces/ada/hello").text
    assert "Building version 1" in page
    assert "/spaces/ada/hello/logs?version=1" in page


def test_without_scripts_the_page_asks_again_while_something_is_under_way(client, world, ada):
    world.add_build(world.add_space(ada, "hello"), BuildStatus.BUILDING)
    assert '<noscript><meta http-equiv="refresh"' in client.get("/spaces/ada/hello").text
    world.add_live_space(ada, "calm")
    assert "http-equiv" not in client.get("/spaces/ada/calm").text


def test_a_failed_build_shows_its_words_and_its_last_lines(signed_in, world, ada):
    build = world.add_build(world.add_space(ada, "hello"), BuildStatus.FAILED, error="No such package: nopey.")
    world.write_build_log(build, "resolving", "nopey was not found <b>")
    page = signed_in.get("/spaces/ada/hello").text
    assert "No such package: nopey." in page
    assert "nopey was not found &lt;b&gt;" in page


def test_a_failed_build_leaves_the_version_that_serves_in_its_frame(signed_in, world, ada):
    space = world.add_live_space(ada, "hello")
    world.add_build(space, BuildStatus.FAILED, error="It broke.")
    page = signed_in.get("/spaces/ada/hello").text
    assert "<iframe" in page
    assert "It broke. Version 1 still serves." in page
    assert "Build failed" in page


def test_an_app_that_crashed_shows_its_last_lines(signed_in, world, ada):
    build = world.add_build(world.add_space(ada, "hello"))
    world.add_deployment(build, InstanceStatus.FAILED, detail="Exit code 1.", log_tail="Traceback\nKeyError: 'x'")
    page = signed_in.get("/spaces/ada/hello").text
    assert "Exit code 1." in page
    assert "KeyError: &#39;x&#39;" in page


@pytest.mark.parametrize("path", ["/spaces/ADA/Hello", "/spaces/ada/hello.git"])
def test_a_space_is_found_whatever_the_case_and_by_its_remote_address(client, world, ada, path):
    world.add_live_space(ada, "hello")
    assert client.get(path).status_code == 200


def test_a_space_that_does_not_exist_says_so(client):
    answer = client.get("/spaces/ada/nothing")
    assert answer.status_code == 401
    assert "There is no Space ada/nothing that everybody may see." in answer.text


def test_somebody_signed_in_is_told_plainly(signed_in):
    answer = signed_in.get("/spaces/ada/nothing")
    assert (answer.status_code, "There is no Space ada/nothing." in answer.text) == (404, True)


def test_the_page_takes_five_statements(client, world, ada, statements):
    space = world.add_live_space(ada, "hello")
    for _ in range(5):
        world.add_deployment(world.add_build(space))
    statements.clear()
    client.get("/spaces/ada/hello")
    assert len(statements) == 5
