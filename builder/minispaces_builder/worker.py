"""The Celery worker: tasks by name, ids as arguments; the platform's database is the queue of record."""

import functools
import os

import httpx2
import redis
import structlog
from celery import Celery
from celery.signals import setup_logging

from minispaces_builder import build
from minispaces_builder.broker import celery_url
from minispaces_builder.build_group import build_group
from minispaces_builder.bundle import BundlePackager
from minispaces_builder.bytecode import COMPILED, compile_environment
from minispaces_builder.collect import collect_all
from minispaces_builder.environments import locked
from minispaces_builder.errors import BuildError
from minispaces_builder.image import ImagePackager
from minispaces_builder.package_index import read_package_index
from minispaces_builder.packager import Packager
from minispaces_builder.picture import take_and_keep
from minispaces_builder.resolve import Resolver
from minispaces_builder.settings import BuilderSettings
from minispaces_builder.uv import Uv
from minispaces_builder.work import Work
from minispaces_contract.client import BuilderDoor
from minispaces_contract.logs import configure_logs
from minispaces_contract.messages import Artifact

QUEUE = "builds"
_VISIBLE_AGAIN_SECONDS = 6 * 3600
_COMPILE_AGAIN_SECONDS = 5
_PICTURE_AGAIN_SECONDS = 10
_log = structlog.get_logger()


@functools.cache
def settings() -> BuilderSettings:
    """Read once per process: Celery wants its configuration when this module is imported."""
    read = BuilderSettings()
    return read.model_copy(update={"data": read.data.resolve()})


app = Celery("minispaces_builder", broker=celery_url(settings().redis_url))
app.conf.update(
    task_default_queue=QUEUE,
    task_serializer="json",
    accept_content=["json"],
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # a broker may be away for long
    # the platform sends lost builds again by their lease; the broker must not do so as well
    broker_transport_options={"visibility_timeout": _VISIBLE_AGAIN_SECONDS},
)


@setup_logging.connect
def _set_up_logs(**_: object) -> None:
    configure_logs("builder", settings().log_format)


@functools.cache
def bench() -> build.Bench:
    """Made in the pool's process, after the fork: connections do not survive one."""
    chosen = settings()
    return build.Bench(chosen, BuilderDoor(chosen), redis.Redis.from_url(chosen.redis_url), packager(chosen))


def packager(chosen: BuilderSettings) -> Packager:
    index = read_package_index(os.environ)
    if chosen.packager == "image":
        return ImagePackager(chosen, Resolver(Uv(index.remote(), chosen.uv_cache), chosen.cache))
    uv = Uv(index, chosen.uv_cache, downloads=chosen.python_downloads)
    return BundlePackager(chosen.data, Resolver(uv, chosen.cache))


@app.task(name="builder.build")
def build_task(build_id: str) -> None:
    build.build_space(bench(), build_id, afterwards=_compile_later)


@app.task(name="builder.compile")
def compile_task(environment: str) -> None:
    """Make the bytecode of an environment, as one of the builds. `environment` is a path below the data directory."""
    path = (settings().data / environment).resolve()
    if path.parent != settings().data / "environments":
        return
    try:
        with locked(settings().data / "environments/compile", wait=False), build_group(settings(), "compile") as group:
            compile_environment(path, Work(minutes=settings().build_minutes, group=group))
    except BuildError as error:
        _log.warning("not_compiled", environment=environment, reason=str(error))
    except BlockingIOError:  # one at a time, so that builds always find a free process
        compile_task.apply_async(kwargs={"environment": environment}, countdown=_COMPILE_AGAIN_SECONDS)


@app.task(name="builder.picture")
def picture_task(deployment_id: str) -> None:
    """One at a time, so that builds always find a free process; what finds another at work comes again."""
    try:
        with locked(settings().cache / "picture", wait=False):
            take_and_keep(bench().door, deployment_id, settings())
    except BlockingIOError:
        picture_task.apply_async(kwargs={"deployment_id": deployment_id}, countdown=_PICTURE_AGAIN_SECONDS)
    except httpx2.HTTPError as error:
        _log.warning("picture_skipped", error=str(error))


@app.task(name="builder.collect")
def collect_task() -> None:
    """Remove what nothing uses any more."""
    try:
        collect_all(settings(), bench().door.kept_artifacts())
    except httpx2.HTTPError as error:
        _log.warning("collect_skipped", error=str(error))


def _compile_later(artifact: Artifact) -> None:
    if artifact.environment and not (settings().data / artifact.environment / COMPILED).exists():
        compile_task.delay(environment=artifact.environment)
