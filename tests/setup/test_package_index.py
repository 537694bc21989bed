"""What the machine says about packages in pip's words reaches uv."""

import pytest
from package_index import configured_index, uv_environment


@pytest.fixture
def home(tmp_path):
    (tmp_path / ".config/pip").mkdir(parents=True)
    return tmp_path


def test_a_machine_that_says_nothing_uses_the_public_index():
    assert configured_index({"PIP_CONFIG_FILE": "/dev/null", "PIP_INDEX_URL": "https://pypi.org/simple/"}) is None


def test_pips_own_file_is_read(home):
    (home / ".config/pip/pip.conf").write_text("[global]\nindex_url = https://m/simple\ncert = /ca.pem\n")
    told = uv_environment({"HOME": str(home)})
    assert told == {"UV_SYSTEM_CERTS": "1", "UV_DEFAULT_INDEX": "https://m/simple", "SSL_CERT_FILE": "/ca.pem"}


def test_the_environment_wins_over_the_file(home):
    (home / ".config/pip/pip.conf").write_text("[global]\nindex-url = https://m/simple\n")
    assert configured_index({"HOME": str(home), "PIP_INDEX_URL": "https://n/simple"}) == "https://n/simple"


def test_a_broken_file_is_no_reason_to_fail(home):
    (home / ".config/pip/pip.conf").write_bytes(b"\xff\xfe not a configuration")
    assert configured_index({"HOME": str(home), "PIP_INDEX_URL": "https://n/simple"}) == "https://n/simple"
