"""Deployments, instances and plans as data."""

from minispaces_contract.messages import Artifact, DeploymentSpec, DesiredWorld
from minispaces_contract.states import ArtifactKind, DesiredState, Sdk
from minispaces_runner.engine import Instance
from minispaces_runner.memory import Memory
from minispaces_runner.plan import plan
from minispaces_runner.progress import Progress

NOW = 1_000_000.0
HOST = "s1.apps.test"


def spec(number=1, *, space="s1", desired=DesiredState.RUNNING):
    artifact = Artifact(kind=ArtifactKind.IMAGE, reference="x", sdk=Sdk.GRADIO)
    return DeploymentSpec(
        id=f"{space}-{number}", space_id=space, space=space, host=f"{space}.apps.test", version=number,
        commit="c", build_id="b", artifact=artifact, desired=desired,
    )  # fmt: skip


def instance(of, *, ended=None, age=100.0):
    return Instance(of.id, of.space_id, f"10.0.0.{of.version}", 7860, NOW - age, ended)


def steps_for(*specs, there=(), routes=None, progress=None, **memory):
    world = DesiredWorld(deployments=specs, routes=())
    return plan(world, list(there), Memory(routes=routes or {}, progress=progress or {}, now=NOW, **memory))


READY = Progress(ready=True, lived=True, announced=True)
