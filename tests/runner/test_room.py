"""A plan holds only what fits: the rest waits with words, told once, and sleepers go first."""

from dataclasses import replace

from minispaces_contract.messages import Artifact, DeploymentSpec, DesiredWorld, Hardware, SleepRule
from minispaces_contract.states import ArtifactKind, Sdk
from minispaces_runner.activity import Activity, Use
from minispaces_runner.admission import Amount, Capacity
from minispaces_runner.engine import Instance
from minispaces_runner.memory import Memory
from minispaces_runner.plan import plan
from minispaces_runner.progress import Progress, target_of
from minispaces_runner.steps import PutToSleep, Start, Wait

NOW = 1_000_000.0
FOUR = Capacity(Amount(4096, 100, 1))
READY = Progress(ready=True, lived=True, announced=True)


def spec(name, **more):
    artifact = Artifact(kind=ArtifactKind.IMAGE, reference="x", sdk=Sdk.GRADIO)
    return DeploymentSpec(
        id=f"{name}-1", space_id=name, space=name, host=f"{name}.test", version=1, commit="c", build_id="b",
        artifact=artifact, **more,
    )  # fmt: skip


def serving(of, *, frozen=False):
    return Instance(of.id, of.space_id, f"10.0.0.{len(of.space_id)}", 7860, NOW - 9000, frozen=frozen)


def steps_for(*specs, there=(), idle=0.0, waits="", capacity=FOUR):
    ids = [each.deployment_id for each in there]
    progress = {it: replace(READY, sleeps=True, slept_at=NOW - 100) if instance.frozen else READY
                for it, instance in zip(ids, there, strict=True)}  # fmt: skip
    progress |= {each.id: Progress(waits=waits) for each in specs if each.id not in ids}
    routes = {f"{it.space_id}.test": target_of(it) for it in there if not it.frozen}
    memory = Memory(
        routes=routes, progress=progress, now=NOW, capacity=capacity,
        activity=Activity({it: Use(0, idle) for it in ids}, 9000),
    )  # fmt: skip
    return plan(DesiredWorld(deployments=specs, routes=()), list(there), memory)


A, B = spec("a"), spec("bb")
WORDS = "Waits for 4 GB of memory."


def test_what_does_not_fit_waits_and_is_told_so_once():
    assert steps_for(A, B, there=[serving(A)]) == [Wait(B, WORDS)]
    assert steps_for(A, B, there=[serving(A)], waits=WORDS) == []


def test_without_a_capacity_whatever_is_wanted_starts():
    assert steps_for(A, B, there=[serving(A)], capacity=None) == [Start(B)]


def test_a_frozen_app_makes_room():
    capacity = replace(FOUR, frozen_share=0.25)
    steps = steps_for(A, B, there=[serving(A, frozen=True)], idle=100, capacity=capacity)
    assert steps == [Wait(B, "Waits for 1 GB of memory."), PutToSleep(A, serving(A, frozen=True))]


def test_an_app_that_shall_never_stop_makes_no_room():
    kept = spec("a", sleep=SleepRule(stop_after=None))
    assert steps_for(kept, B, there=[serving(kept, frozen=True)], idle=100) == [Wait(B, "Waits for 1 GB of memory.")]


def test_an_idle_holder_gives_its_gpu_to_one_that_waits_for_it():
    holder, other = (spec(name, hardware=Hardware(memory_mb=512, gpus=1)) for name in ("a", "bb"))
    assert steps_for(holder, other, there=[serving(holder)], idle=10) == [Wait(other, "Waits for 1 GPU.")]
    assert PutToSleep(holder, serving(holder)) in steps_for(holder, other, there=[serving(holder)], idle=400)


def test_what_is_to_be_warm_in_ten_minutes_has_its_room_kept():
    soon, later = ((NOW + minutes * 60, NOW + 7200.0) for minutes in (10, 20))
    for begins, expected in ((soon, [Wait(B, f"{WORDS[:-1]}; what is free is kept for an app that shall be up soon.")]),
                             (later, [Start(B)])):  # fmt: skip
        reserved = spec("a", sleep=SleepRule(warm=(begins,)), on_demand=True)
        steps = [step for step in steps_for(reserved, B) if step.spec == B]
        assert steps == expected
