"""What is written to a disk without room: whole or not at all, and refused in words while some is left."""

import subprocess

import pytest

from minispaces_builder.disk import check_free_disk, is_for_want_of_room
from minispaces_builder.errors import BuildError
from minispaces_contract.disk import is_full_of_files, write_whole

SMALL = 64 * 1024


@pytest.fixture
def small(tmp_path):
    """A file system of 64 kB and 100 files."""
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL},nr_inodes=100", "none", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.root
def test_a_file_that_finds_no_room_stays_as_it_was(small):
    write_whole(small / "mark", "before")
    with pytest.raises(OSError, match="No space left") as full:
        write_whole(small / "mark", "x" * SMALL * 2)
    assert is_for_want_of_room(full.value)
    assert [(path.name, path.read_text()) for path in small.iterdir()] == [("mark", "before")]


@pytest.mark.root
def test_a_disk_without_room_for_more_files_refuses_builds(small):
    check_free_disk(small, floor_gb=0)
    for number in range(96):
        (small / str(number)).touch()
    with pytest.raises(BuildError, match="room for 3 more files"):
        check_free_disk(small, floor_gb=0)


@pytest.mark.parametrize(
    ("free", "total", "full"), [(0, 0, False), (20, 500, True), (9_000, 10_000_000, True), (11_000, 10_000_000, False)]
)
def test_how_many_files_are_room_enough(free, total, full):
    assert is_full_of_files(free, total) is full


@pytest.mark.parametrize(
    ("error", "so"),
    [
        (BuildError("uv said: failed to write `x`: No space left on device (os error 28)"), True),
        (BuildError("There is no package named x"), False),
        (FileNotFoundError(2, "No such file"), False),
    ],
)
def test_a_failure_is_for_want_of_room_where_a_program_says_so(error, so):
    assert is_for_want_of_room(error) is so
