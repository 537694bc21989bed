"""Build and run logs, read from the stream or from the archive."""

import gzip
import json

from minispaces_contract.logstream import Kind
from minispaces_contract.states import BuildStatus, InstanceStatus


def test_the_whole_log_is_in_the_page_without_any_script(signed_in, world, ada):
    build = world.add_build(world.add_space(ada, "hello"), BuildStatus.BUILDING)
    world.write_build_log(build, "installing gradio", "\x1b[31mred\x1b[0m <b>")
    page = signed_in.get("/spaces/ada/hello/logs").text
    assert "installing gradio" in page
    assert '<span class="sgr-fg-1">red</span> &lt;b&gt;' in page
    assert f"/events/spaces/{build.space_id}/log?build={build.id}&amp;after=" in page


def test_a_log_that_has_ended_is_not_followed(signed_in, world, ada):
    build = world.add_build(world.add_space(ada, "hello"), BuildStatus.FAILED)
    world.write_build_log(build, "oops")
    world.write_build_log(build, "failed", kind=Kind.END)
    page = signed_in.get("/spaces/ada/hello/logs").text
    assert "data-follow" not in page
    assert "http-equiv" not in page


def test_a_build_that_is_starting_its_app_is_still_followed(signed_in, world, ada):
    build = world.add_build(world.add_space(ada, "hello"))
    world.add_deployment(build, InstanceStatus.STARTING)
    world.write_build_log(build, "starting")
    assert "data-follow" in signed_in.get("/spaces/ada/hello/logs").text


def test_the_failing_line_stands_above_the_log(signed_in, world, ada):
    build = world.add_build(world.add_space(ada, "hello"), BuildStatus.FAILED, error="Cannot install.")
    world.write_build_log(build, "first")
    world.write_build_log(build, "nopey does not exist", kind=Kind.ERROR)
    world.write_build_log(build, "cleaning up")
    page = signed_in.get("/spaces/ada/hello/logs").text
    assert page.index("Cannot install.") < page.index("nopey does not exist") < page.index("first")


def test_an_older_version_has_its_own_log(signed_in, world, ada):
    space = world.add_space(ada, "hello")
    world.write_build_log(world.add_build(space), "of the first")
    world.write_build_log(world.add_build(space), "of the second")
    assert "of the second" in signed_in.get("/spaces/ada/hello/logs").text
    page = signed_in.get("/spaces/ada/hello/logs?version=1").text
    assert "of the first" in page
    assert "of the second" not in page


def test_a_version_that_does_not_exist_says_so(signed_in, world, ada):
    world.add_space(ada, "hello")
    answer = signed_in.get("/spaces/ada/hello/logs?version=7")
    assert (answer.status_code, "has no version 7" in answer.text) == (404, True)


def test_once_the_stream_is_gone_the_archive_is_read(signed_in, world, parts, ada):
    build = world.add_build(world.add_space(ada, "hello"))
    parts.settings.archived_logs.mkdir()
    with gzip.open(parts.settings.archived_logs / f"{build.id}.jsonl.gz", "wt") as archive:
        archive.write(json.dumps({"k": "line", "m": "kept \x1b]52;c;x\x07for later", "t": 1.5}) + "\n")
    assert "kept for later" in signed_in.get("/spaces/ada/hello/logs").text


def test_a_very_long_log_shows_its_end_and_says_what_is_missing(signed_in, world, ada, monkeypatch):
    monkeypatch.setattr("minispaces_platform.builds.logs.MAX_SHOWN", 3)
    build = world.add_build(world.add_space(ada, "hello"))
    world.write_build_log(build, *(f"number {n}." for n in range(10)))
    page = signed_in.get("/spaces/ada/hello/logs").text
    assert "7 earlier lines" in page
    assert "number 9." in page
    assert "number 6." not in page


def test_the_log_as_text_is_what_a_terminal_shows(signed_in, world, ada):
    build = world.add_build(world.add_space(ada, "hello"))
    world.write_build_log(build, "Installing", kind=Kind.HEADER)
    world.write_build_log(build, "\x1b[1mgradio\x1b[0m")
    answer = signed_in.get("/spaces/ada/hello/logs.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text == "-----> Installing\n       gradio\n"


def test_the_run_log_is_that_of_the_deployment_that_serves(signed_in, world, ada):
    space = world.add_space(ada, "hello")
    world.write_app_log(world.add_deployment(world.add_build(space)), "I serve")
    world.write_app_log(world.add_deployment(world.add_build(space), InstanceStatus.FAILED), "I crashed")
    page = signed_in.get("/spaces/ada/hello/logs?log=app").text
    assert "I serve" in page
    assert "I crashed" not in page


def test_while_the_log_store_is_away_the_page_says_so(client_without_redis, world, ada):
    world.add_build(world.add_space(ada, "hello"), BuildStatus.BUILDING)
    client_without_redis.cookies.set("minispaces_session", world.start_session(ada))
    assert "does not answer right now" in client_without_redis.get("/spaces/ada/hello/logs").text


def test_a_space_without_a_push_has_no_log_and_says_so(signed_in, world, ada):
    world.add_space(ada, "hello")
    assert "there is no log" in signed_in.get("/spaces/ada/hello/logs").text
