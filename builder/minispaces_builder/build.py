"""One build from claim to report."""

import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass

import redis
import stamina
import structlog

from minispaces_builder.build_group import build_group
from minispaces_builder.buildlog import BuildLog, redis_sink
from minispaces_builder.checkout import Checkout, unpack
from minispaces_builder.disk import check_free_disk, disk_became_full, is_for_want_of_room
from minispaces_builder.errors import BuildError, BuildStoppedError
from minispaces_builder.lease import kept_lease
from minispaces_builder.packager import Job, Packager, workspace
from minispaces_builder.recipes.choose import Choice, choose
from minispaces_builder.requirements import Requirements, read_requirements
from minispaces_builder.settings import BuilderSettings
from minispaces_builder.system_packages import read_system_packages
from minispaces_builder.work import Work
from minispaces_contract.client import BuilderDoor, LeaseLostError, is_passing
from minispaces_contract.messages import Artifact, BuildReport, BuildSpec
from minispaces_contract.states import BuildStatus, Sdk

_log = structlog.get_logger()
_SHOWN_POINTERS = 5
_MEGA = 1_000_000


@dataclass(frozen=True, slots=True)
class Bench:
    """What every build is made with."""

    settings: BuilderSettings
    door: BuilderDoor
    redis: redis.Redis
    packager: Packager


def build_space(bench: Bench, build_id: str, *, afterwards: Callable[[Artifact], None] = lambda _: None) -> None:
    """Claim, build, report. A build that somebody else has, or that nobody wants any more, is quietly done."""
    spec = _claim(bench.door, build_id)
    if spec is None:
        return
    structlog.contextvars.bind_contextvars(build=build_id, space=spec.space)
    report = _build(bench, spec)
    if report is None:
        return
    try:
        bench.door.report(report)
    except LeaseLostError:
        _log.warning("build_report_unwanted", attempt=spec.attempt)
        return
    _log.info("build_finished", status=report.status, seconds=sum(phase.seconds for phase in report.phases))
    if report.artifact:
        afterwards(report.artifact)


@stamina.retry(on=is_passing, attempts=None, timeout=30)
def _claim(door: BuilderDoor, build_id: str) -> BuildSpec | None:
    return door.claim(build_id)


def _build(bench: Bench, spec: BuildSpec) -> BuildReport | None:
    """Every outcome as a report; None when the lease was lost and nobody would listen."""
    with (
        BuildLog(redis_sink(bench.redis, spec.build_id)) as log,
        build_group(bench.settings, spec.build_id) as group,
        kept_lease(bench.door, spec, work := Work(minutes=bench.settings.build_minutes, group=group)),
    ):
        report = _Reporter(spec, log)
        try:
            return report.success(_make(bench, spec, log=log, work=work))
        except (BuildStoppedError, LeaseLostError):
            _log.warning("build_stopped", attempt=spec.attempt)
            return None
        except BuildError as error:
            return report.failure(disk_became_full() if is_for_want_of_room(error) else error)
        except Exception as error:  # noqa: BLE001  # a fault of ours must reach the person as words, and us as a trace
            if is_for_want_of_room(error):
                return report.failure(disk_became_full())
            incident = secrets.token_hex(4)
            _log.exception("builder_failed", incident=incident)
            words = f"The builder itself failed (incident {incident}). Restart the build, or tell the administrator."
            return report.failure(BuildError(words))
        finally:
            shutil.rmtree(workspace(bench.settings.data, spec.build_id), ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Reporter:
    spec: BuildSpec
    log: BuildLog

    def success(self, artifact: Artifact) -> BuildReport:
        return self._report(BuildStatus.SUCCEEDED).model_copy(update={"artifact": artifact})

    def failure(self, error: BuildError) -> BuildReport:
        self.log.error(str(error))
        return self._report(BuildStatus.FAILED).model_copy(update={"error": str(error), "stage": error.stage})

    def _report(self, status: BuildStatus) -> BuildReport:
        phases = tuple(self.log.phases)
        return BuildReport(build_id=self.spec.build_id, attempt=self.spec.attempt, status=status, phases=phases)


def _make(bench: Bench, spec: BuildSpec, *, log: BuildLog, work: Work) -> Artifact:
    log.header(f"Building version {spec.version} of {spec.space}")
    log.line(f"commit {spec.commit[:12]} on {spec.branch}" + (f", attempt {spec.attempt}" if spec.attempt > 1 else ""))
    for warning in spec.config.warnings:
        log.warning(warning)
    check_free_disk(bench.settings.data, floor_gb=bench.settings.free_disk_floor_gb)
    checkout = _fetch(bench, spec, log=log, work=work)
    choice = choose(checkout, spec.config)
    _explain(choice, checkout, log)
    job = _job(spec, checkout, choice, log=log, work=work)
    return bench.packager.package(job)


@stamina.retry(on=is_passing, attempts=None, timeout=30)  # the platform restarts in the midst of it
def _fetch(bench: Bench, spec: BuildSpec, *, log: BuildLog, work: Work) -> Checkout:
    place = workspace(bench.settings.data, spec.build_id)
    shutil.rmtree(place, ignore_errors=True)
    with log.phase("Fetching the files"), bench.door.source(spec.build_id, spec.attempt) as chunks:
        checkout = unpack(chunks, place / "source", check=work.check)
        log.line(
            f"{len(checkout.names):,} {'file' if len(checkout.names) == 1 else 'files'}, {_size(checkout.size_bytes)}"
        )
    return checkout


def _explain(choice: Choice, checkout: Checkout, log: BuildLog) -> None:
    if choice.assumed:
        log.warning(choice.assumed)
    log.line(choice.plan.summary)
    for name in checkout.lfs_pointers[:_SHOWN_POINTERS]:
        words = f"{name} is a Git LFS pointer, not the file itself: push its content with `git lfs push --all`"
        log.warning(words)
    if len(checkout.lfs_pointers) > _SHOWN_POINTERS:
        log.warning("… and more Git LFS pointers")


def _job(spec: BuildSpec, checkout: Checkout, choice: Choice, *, log: BuildLog, work: Work) -> Job:
    """A static site and a Dockerfile take nothing from requirements.txt, so it is not even read."""
    python = choice.plan.sdk in {Sdk.GRADIO, Sdk.STREAMLIT}
    requirements = read_requirements(checkout) if python else Requirements()
    for warning in requirements.warnings:
        log.warning(warning)
    system = read_system_packages(checkout) if python else ()
    return Job(spec, checkout, choice.plan, requirements, system, log, work)


def _size(count: int) -> str:
    return f"{count / _MEGA:.1f} MB" if count >= _MEGA else f"{count / 1000:.1f} kB"
