"""Hardware: admins define flavours and say who may have which; a flavour that is in use cannot vanish."""

import pytest

from minispaces_contract.messages import Hardware
from minispaces_platform.errors import ForbiddenError, InvalidError
from minispaces_platform.hardware.queries import read_offer
from minispaces_platform.hardware.service import get_flavour
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.spaces.service import find_space

TINY = {"flavour": "tiny", "label": "Tiny", "cpus": "0.5", "memory_gb": "0.25", "is_open": "true"}


@pytest.fixture
def root(browser, world):
    return browser(world.add_user("root", admin=True))


def space_of(parts, name="first"):
    with parts.database.reading() as session:
        return find_space(session, "ada", name)


def test_a_new_flavour_can_be_chosen_at_once(root, ada, add_space, browser):
    add_space(ada, "first")
    assert root.post("/admin/hardware", data=TINY).headers["location"].endswith("done=flavour")
    mine = browser(ada)
    assert "Tiny · 0.5 CPUs, 256 MB memory" in mine.get("/spaces/ada/first/settings").text
    assert mine.post("/spaces/ada/first/settings/hardware", data={"flavour": "tiny"}).status_code == 303


def test_spaces_get_the_new_figures_of_their_flavour(root, ada, add_space, parts):
    add_space(ada, "first")
    root.post("/admin/hardware", data={**TINY, "flavour": "cpu-basic", "cpus": "3", "memory_gb": "6"})
    assert space_of(parts).hardware == Hardware(name="cpu-basic", cpus=3, memory_mb=6144)


def test_a_retired_flavour_is_kept_and_no_longer_chosen(root, ada, add_space, parts, browser):
    add_space(ada, "first")
    root.post("/admin/hardware/cpu-basic/retire")
    assert 'value="cpu-basic" selected' in browser(ada).get("/spaces/ada/first/settings").text
    with parts.database.reading() as session, pytest.raises(InvalidError, match="no longer offered"):
        get_flavour(session, "cpu-basic")
    root.post("/admin/hardware/cpu-basic/offer")
    with parts.database.reading() as session:
        assert get_flavour(session, "cpu-basic").cpus == 2


def test_a_flavour_in_use_cannot_vanish(root, ada, add_space, parts):
    add_space(ada, "first")
    assert "1 Space has the hardware cpu-basic" in root.post("/admin/hardware/cpu-basic/delete").text
    assert root.post("/admin/hardware/t4-small/delete").status_code == 303
    assert "t4-small" not in root.get("/admin/hardware").text


def test_a_rule_says_what_new_spaces_begin_with(root, ada, add_space, parts):
    root.post("/admin/hardware/rules", data={"owner": "ada", "default": "cpu-upgrade"})
    add_space(ada, "first")
    assert space_of(parts).hardware.name == "cpu-upgrade"
    assert "cannot" not in root.post("/admin/hardware/cpu-upgrade/retire").text


def test_more_than_the_rule_allows_is_refused_with_whom_to_ask(root, ada, add_space, browser):
    add_space(ada, "first")
    root.post("/admin/hardware/rules", data={"owner": "ada", "allowed": ["cpu-basic"]})
    page = browser(ada).get("/spaces/ada/first/settings").text
    assert "cpu-upgrade" not in page
    answer = browser(ada).post("/spaces/ada/first/settings/hardware", data={"flavour": "cpu-upgrade"})
    assert answer.status_code == 403
    assert "may not have the hardware cpu-upgrade. Choose one of cpu-basic, or ask an administrator" in answer.text


def test_what_is_not_open_is_for_those_whom_a_rule_names(root, ada, parts, world):
    root.post("/admin/hardware", data={**TINY, "is_open": ""})
    root.post("/admin/hardware/rules", data={"owner": "ada", "allowed": ["tiny"], "default": "tiny"})
    bob = world.add_user("bob")
    with parts.database.reading() as session:
        assert read_offer(session, session.get_one(Namespace, ada.id)).default(ada).name == "tiny"
        with pytest.raises(ForbiddenError, match="Spaces of bob may not"):
            get_flavour(session, "tiny", owner=bob)


@pytest.mark.parametrize("wrong", [{"flavour": "No Name"}, {"cpus": "many"}, {"memory_gb": "-1"}, {"gpus": "65"}])
def test_nonsense_comes_back_as_it_was_typed(root, wrong):
    answer = root.post("/admin/hardware", data={**TINY, **wrong})
    assert answer.status_code == 422
    assert f'value="{next(iter(wrong.values()))}"' in answer.text
