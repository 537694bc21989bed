"""uv as the builder calls it: without a home."""


def test_uv_finds_interpreters_although_it_has_no_home(uv, work):
    """It stopped at `/dev/null/.local/share/uv/python`, which is no folder."""
    found = uv.run(work, ["python", "list", "--only-installed"], extra_env={"PATH": "/usr/bin:/bin"})
    assert "Failed to read Python installation directory" not in found.err
    assert found.code == 0
