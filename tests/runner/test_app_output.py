import pytest

from minispaces_runner.process.output import Output, last_lines, split_lines

pytestmark = pytest.mark.anyio
MEGABYTE = 1 << 20


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def log(tmp_path):
    (tmp_path / "log").touch()
    return tmp_path / "log"


def open_output(log):
    return Output(log, log.with_name("log.resume"))


def append(log, text):
    with log.open("a") as file:
        file.write(text)


async def read_to_the_end(log):
    output = open_output(log)
    lines = [line async for line in output.follow(lambda: True)]
    output.close()
    return lines


async def test_nothing_is_read_twice(log):
    append(log, "one\ntwo\n")
    assert await read_to_the_end(log) == ["one", "two"]
    append(log, "three\n")
    assert await read_to_the_end(log) == ["three"]


async def test_a_reader_that_leaves_in_the_middle_loses_nothing(log):
    append(log, "one\ntwo\nthree\n")
    output = open_output(log)
    async for line in output.follow(lambda: True):
        assert line == "one"
        break
    assert await read_to_the_end(log) == ["two", "three"]


async def test_a_line_is_handed_out_when_it_is_whole(log):
    append(log, "whole\nhal")
    output = open_output(log)
    ended = False
    lines = output.follow(lambda: ended)
    assert await anext(lines) == "whole"
    append(log, "f\n")
    assert await anext(lines) == "half"
    append(log, "last")
    ended = True
    assert [line async for line in lines] == ["last"]


async def test_a_reader_knows_whether_the_app_started_anew_goes_on_with_its_output(log):
    output = open_output(log)
    aside = log.rename(log.with_name("aside"))
    assert not output.is_in(log)
    aside.rename(log)
    assert output.is_in(log)
    log.unlink()
    append(log, "of another start\n")
    assert not output.is_in(log)
    output.close()


async def test_a_log_beyond_ten_megabytes_keeps_its_end_and_says_so(log):
    append(log, ("x" * 99 + "\n") * 110_000 + "newest\n")
    lines = await read_to_the_end(log)
    assert lines[0] == "[the output grew beyond 10 MB: earlier lines were removed]"
    assert lines[-1] == "newest"
    assert log.stat().st_size < 2 * MEGABYTE
    assert last_lines(log, 1) == ["newest"]


async def test_a_reader_that_kept_up_sees_no_line_twice_after_the_cut(log):
    append(log, ("x" * 99 + "\n") * 100_000)
    assert len(await read_to_the_end(log)) == 100_000
    append(log, ("y" * 99 + "\n") * 5000)
    lines = await read_to_the_end(log)
    assert len(lines) == 5000
    assert log.stat().st_size < 2 * MEGABYTE


async def test_an_app_that_goes_on_appending_after_the_cut_is_read(log):
    with log.open("ab") as app:
        app.write(b"x" * 11 * MEGABYTE + b"\n")
        app.flush()
        await read_to_the_end(log)
        app.write(b"after\n")
    assert await read_to_the_end(log) == ["after"]


def test_a_line_longer_than_a_look_is_handed_out_in_pieces():
    assert list(split_lines(b"x" * 65_536, last=False)) == [b"x" * 65_536]
    assert list(split_lines(b"x" * 100, last=False)) == []
