"""A machine with nothing but Python gets the uv that uv.lock names."""

import io
import stat
import zipfile
from hashlib import sha256

import get_uv
import pytest
from get_uv import Machine, Wheel

X86 = Wheel("https://files.example/uv-1.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "")
MUSL = Wheel("https://files.example/uv-1.0-py3-none-musllinux_1_1_x86_64.whl", "")
ARM = Wheel("https://files.example/uv-1.0-py3-none-manylinux_2_28_aarch64.whl", "")
MAC = Wheel("https://files.example/uv-1.0-py3-none-macosx_11_0_arm64.whl", "")
WHEELS = [MAC, ARM, X86, MUSL]


@pytest.mark.parametrize(
    ("machine", "wheel"),
    [
        (Machine("Linux", "x86_64", "glibc"), X86),
        (Machine("Linux", "x86_64", ""), MUSL),
        (Machine("Linux", "aarch64", "glibc"), ARM),
        (Machine("Darwin", "arm64", ""), MAC),
    ],
)
def test_the_wheel_fits_the_machine(machine, wheel):
    assert get_uv.choose(WHEELS, machine) is wheel


def test_a_machine_without_a_wheel_is_told_what_to_do():
    with pytest.raises(LookupError, match="install uv yourself"):
        get_uv.choose(WHEELS, Machine("Linux", "m68k", "glibc"))


def test_the_lock_names_a_wheel_for_this_machine():
    wheel = get_uv.choose(get_uv.locked_wheels(get_uv.LOCK.read_text()), get_uv.this_machine())
    assert len(wheel.sha256) == len(sha256().hexdigest())


@pytest.mark.parametrize("link", [f"../files/{X86.name}#sha256=0", f"/files/{X86.name}", f"https://m/files/{X86.name}"])
def test_another_index_is_asked_for_the_same_file(link):
    page = f'<a href="other.whl">other</a> <a href="{link}">uv</a>'
    found = get_uv.address_on("https://m/simple", page, X86)
    assert found == {".": f"https://m/simple/files/{X86.name}"}.get(link[0], f"https://m/files/{X86.name}")


def test_an_index_without_the_file_says_so():
    with pytest.raises(LookupError, match=r"https://m/simple has no uv-1\.0"):
        get_uv.address_on("https://m/simple", "<a href='other.whl'>other</a>", X86)


def test_only_the_program_is_taken_from_the_wheel(tmp_path):
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("uv-1.0.data/scripts/uv", b"program")
        archive.writestr("uv-1.0.data/scripts/uvx", b"another")
    program = get_uv.unpack(wheel.getvalue(), tmp_path / "new")
    assert (program.read_bytes(), list(program.parent.iterdir())) == (b"program", [program])
    assert stat.S_IMODE(program.stat().st_mode) == 0o755
