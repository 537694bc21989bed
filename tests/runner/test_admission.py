"""What fits on the machine starts, what does not waits in words, and sleepers make room, least recently used first."""

from hypothesis import given
from hypothesis import strategies as st

from minispaces_contract.messages import Artifact, DeploymentSpec, Hardware
from minispaces_contract.states import ArtifactKind, Sdk
from minispaces_runner.admission import Amount, Capacity, Held, admit, amount_of, capacity_of

BASIC = Hardware()
EIGHT = Capacity(Amount(8192, 100, 0))


def spec(name, hardware=BASIC, *, space=None):
    artifact = Artifact(kind=ArtifactKind.IMAGE, reference="x", sdk=Sdk.GRADIO)
    return DeploymentSpec(
        id=name, space_id=space or name, space=name, host=f"{name}.test", version=1, commit="c", build_id="b",
        artifact=artifact, hardware=hardware,
    )  # fmt: skip


def held(name, hardware=BASIC, **more):
    return Held(name, name, hardware, **more)


def names(admission):
    return [each.id for each in admission.admitted]


def test_what_fits_starts_and_the_rest_waits_with_words():
    admission = admit([spec("a"), spec("b"), spec("c"), spec("d")], [], EIGHT)
    assert names(admission) == ["a", "b"]
    assert admission.waiting == {"c": "Waits for 4 GB of memory.", "d": "Waits for 4 GB of memory; 1 before it."}


def test_a_small_app_does_not_pass_a_large_one_for_ever():
    large = Hardware(name="large", memory_mb=8192)
    admission = admit([spec("large", large), spec("small")], [held("a")], EIGHT)
    assert names(admission) == []
    assert admission.waiting["large"] == "Waits for 4 GB of memory."
    assert admission.waiting["small"].endswith("1 before it.")


def test_what_can_never_fit_says_so_and_is_in_nobodys_way():
    admission = admit([spec("huge", Hardware(name="huge", memory_mb=9000)), spec("b")], [], EIGHT)
    assert names(admission) == ["b"]
    assert "needs more than this machine gives to apps in all: 8 GB of memory" in admission.waiting["huge"]


def test_a_new_version_starts_beside_the_old_one_where_the_space_fits_but_once():
    assert names(admit([spec("new", space="a")], [held("a"), held("b")], EIGHT)) == ["new"]


def test_the_least_recently_used_sleepers_make_room_and_no_more_than_are_needed():
    asleep = [held("late", share=0.5, rests=20.0), held("early", share=0.5, rests=10.0), held("busy")]
    admission = admit([spec("a")], asleep, EIGHT)
    assert names(admission) == []
    assert admission.making_room == ("early", "late")
    assert admit([spec("a", Hardware(memory_mb=1024))], asleep, EIGHT).making_room == ("early",)


def test_who_holds_a_gpu_in_its_sleep_gives_it_away():
    gpu = Hardware(name="t4", gpus=1)
    one = Capacity(Amount(1 << 20, 100, 1))
    sleepers = [held("plain", share=0.05, rests=1.0), held("gpu", gpu, share=0.05, rests=2.0)]
    admission = admit([spec("a", gpu)], sleepers, one)
    assert admission.waiting == {"a": "Waits for 1 GPU."}
    assert admission.making_room == ("gpu",)
    assert names(admit([spec("a", Hardware(gpus=1, gpu_shared=True))], sleepers, one)) == ["a"]


def test_room_is_kept_for_what_was_reserved_and_its_owner_finds_it():
    kept = {"demo": amount_of(BASIC)}
    admission = admit([spec("a"), spec("demo")], [held("busy")], EIGHT, reserved=kept)
    assert names(admission) == ["demo"]
    assert admission.waiting == {
        "a": "Waits for 4 GB of memory; what is free is kept for an app that shall be up soon."
    }
    assert names(admit([spec("a"), spec("b")], [held("busy")], EIGHT, reserved={"busy": amount_of(BASIC)})) == ["a"]


def test_a_new_version_needs_no_room_on_a_machine_that_is_over_full():
    assert names(admit([spec("new", space="a")], [held("a"), held("b"), held("c")], EIGHT)) == ["new"]


def test_factors_widen_the_machine_and_gpus_that_nobody_counts_are_never_short():
    assert capacity_of(1000, 2, None, factors=(2, 4)) == Amount(2000, 8, float("inf"))
    assert capacity_of(1000, 2, 3, factors=(1, 1)).gpus == 3


hardware = st.builds(Hardware, memory_mb=st.integers(1, 9000), cpus=st.integers(1, 8), gpus=st.integers(0, 2))


@given(st.lists(hardware, max_size=8), st.lists(hardware, max_size=8))
def test_the_machine_is_never_given_away_beyond_its_capacity(wanted, there):
    whole = Amount(16_384, 16, 2)
    starts = [spec(f"s{number}", each) for number, each in enumerate(wanted)]
    running = [held(f"h{number}", each) for number, each in enumerate(there)]
    before = sum((each.amount for each in running), Amount())
    given_away = sum((amount_of(each.hardware) for each in admit(starts, running, Capacity(whole)).admitted), before)
    assert before.lacks(whole) or not given_away.lacks(whole)
