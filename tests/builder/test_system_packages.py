"""packages.txt."""

import pytest

from minispaces_builder.errors import BuildError
from minispaces_builder.system_packages import read_system_packages


def test_names_are_read_whatever_the_line_ends_and_old_names_are_renewed(repository):
    text = "ffmpeg\r\n\r\n# comment\r\nlibgl1-mesa-glx stockfish\r\n"
    assert read_system_packages(repository({"packages.txt": text})) == ("ffmpeg", "libgl1", "stockfish")


@pytest.mark.parametrize("line", ["-o=Dpkg::Pre-Invoke=id", "a;id", "$(id)", "`id`", "../x", "Ü", "--yes"])
def test_what_is_no_package_name_never_reaches_apt(repository, line):
    with pytest.raises(BuildError, match=r"packages\.txt line 2: .* is not the name of a Debian package"):
        read_system_packages(repository({"packages.txt": f"ffmpeg\n{line}"}))


def test_no_file_means_no_packages(repository):
    assert read_system_packages(repository({})) == ()
