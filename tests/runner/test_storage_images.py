"""Image files that apps on their way out still hold."""

import subprocess
from pathlib import Path

import pytest

from minispaces_runner.storage.images import grow, make_image
from minispaces_runner.storage.mounts import mount, unmount

pytestmark = pytest.mark.root
MIB = 1 << 20


def test_an_image_grows_although_a_namespace_that_ends_still_shows_it(tmp_path: Path) -> None:
    image, place = tmp_path / "disk.img", tmp_path / "mount"
    place.mkdir()
    make_image(image, size_mb=16)
    mount(image, place)
    try:
        with subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", "echo shown; sleep 0.5"], stdout=subprocess.PIPE
        ) as app:
            assert app.stdout
            assert app.stdout.readline() == b"shown\n"
            assert grow(image, place, size_mb=64)
        (place / "filled").write_bytes(bytes(32 * MIB))
    finally:
        unmount(place)
