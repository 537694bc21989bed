"""The machine's pip configuration reaches uv."""

from minispaces_builder.package_index import DEFAULT_INDEX, PackageIndex, read_package_index


def test_pips_files_and_variables_are_translated(tmp_path):
    config = tmp_path / "pip.conf"
    config.write_text(
        "[global]\nindex-url = https://mirror.example/simple\ncert = /etc/ca.pem\nextra-index-url = file:///a https://b\n"
    )
    index = read_package_index({"PIP_FIND_LINKS": "/wheels https://w.example"}, files=(config,))
    assert index.uv_env() == {
        "UV_SYSTEM_CERTS": "1",
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_INDEX": "file:///a https://b",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "/wheels,https://w.example",
        "SSL_CERT_FILE": "/etc/ca.pem",
    }


def test_variables_win_over_files_and_later_files_over_earlier(tmp_path):
    for name, url in {"a": "https://a", "b": "https://b"}.items():
        (tmp_path / name).write_text(f"[global]\nindex-url = {url}\n")
    files = (tmp_path / "a", tmp_path / "b", tmp_path / "absent")
    assert read_package_index({}, files=files).url == "https://b"
    assert read_package_index({"PIP_INDEX_URL": "https://c"}, files=files).url == "https://c"


def test_a_broken_file_is_no_reason_to_fail(tmp_path):
    (tmp_path / "pip.conf").write_bytes(b"[global\n\xff")
    assert read_package_index({}, files=(tmp_path / "pip.conf",)).url == DEFAULT_INDEX


def test_a_container_gets_no_paths_of_this_machine():
    index = PackageIndex("https://i", ("file:///x", "https://y"), ("/wheels", "https://w"), "/ca.pem")
    assert index.remote() == PackageIndex("https://i", ("https://y",), ("https://w",), None)


def test_projects_of_local_folders_are_known(tmp_path):
    (tmp_path / "My_Pkg-1.0-py3-none-any.whl").touch()
    assert PackageIndex(find_links=(str(tmp_path), "https://w")).local_projects() == {"my-pkg"}
