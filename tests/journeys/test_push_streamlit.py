"""A Streamlit demo, looked at over its WebSocket."""

from pathlib import Path

import pytest
from support.installation import Installation, Person
from support.streamlit_page import page_until
from support.waiting import wait_for

from .conftest import PROCESS

pytestmark = pytest.mark.timeout(600)

README = "---\nsdk: streamlit\nsdk_version: 1.44.1\napp_file: pages of mine/counter.py\n---\n"
APP = """
import streamlit as st

st.title("A counter of our own")
st.slider("How many", 1, 9)
"""


def test_a_visit_runs_the_script_over_the_websocket(owner: Person, tmp_path: Path) -> None:
    tree = owner.work_on("counter", tmp_path, {"README.md": README, "pages of mine/counter.py": APP})
    pushed = tree.push(seconds=500)
    assert pushed.returncode == 0, pushed.stderr
    assert owner.at.get(owner.host_of("counter"), "/_stcore/health").text == "ok"
    page = page_until(owner.url_of("counter"), "How many")
    assert (b"A counter of our own" in page, b"How many" in page) == (True, True)


@pytest.mark.parametrize("at", [PROCESS], indirect=True)
def test_its_fork_server_lives_through_a_start_before_it_forks(
    at: Installation, person: Person, tmp_path: Path
) -> None:
    person.work_on("again", tmp_path, {"README.md": README, "pages of mine/counter.py": APP}).push(seconds=500)
    wait_for(lambda: [log for log in at.data.glob("forkservers/*/log") if "streamlit, level 3" in log.read_text()])
