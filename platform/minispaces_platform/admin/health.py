"""Is every part of the installation well, and what to do where one is not? Asks them all; call it in a thread."""

import shutil
import subprocess
from dataclasses import dataclass
from typing import Literal

import redis
from celery.exceptions import CeleryError
from kombu.exceptions import OperationalError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from minispaces_contract.browser import find_browser
from minispaces_contract.disk import left_when_full
from minispaces_platform.models.usage import MachineNow
from minispaces_platform.parts import Parts
from minispaces_platform.usage.queries import find_machine, is_fresh
from minispaces_platform.wording import ago, size

_SECONDS = 1.0
"""How long builders have to answer."""

Tone = Literal["good", "busy", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`busy` is for what works with less than it could. `remedy` says what to do."""

    part: str
    tone: Tone
    words: str
    remedy: str = ""

    @property
    def label(self) -> str:
        return {"good": "Well", "busy": "Limited", "bad": "Down"}[self.tone]


def examine(parts: Parts) -> list[Finding]:
    """The database first: what only it knows is left out while it is away."""
    database, machine = _database(parts)
    found = [database, _redis(parts), _git(), _disk(parts), _runner(machine), _proxy(machine), _builder(parts)]
    return [*found, _browser(parts)]


def _database(parts: Parts) -> tuple[Finding, MachineNow | None]:
    try:
        with parts.database.reading() as session:
            session.execute(text("SELECT 1"))
            machine = find_machine(session)
    except SQLAlchemyError as error:
        words = f"The database does not answer: {type(error.__cause__ or error).__name__}."
        return Finding("Database", "bad", words, "See whether it runs, and whether its disk is full."), None
    return Finding("Database", "good", f"{parts.database.engine.dialect.name} answers."), machine


def _redis(parts: Parts) -> Finding:
    try:
        parts.redis_sync.ping()
    except redis.RedisError:
        remedy = "Start Redis. Meanwhile pages are not live, logs are not shown, and builds wait; nothing is lost."
        return Finding("Redis", "bad", "Redis does not answer.", remedy)
    return Finding("Redis", "good", "Hints, logs and limits go through.")


def _git() -> Finding:
    try:
        said = subprocess.run(["git", "--version"], capture_output=True, text=True, timeout=5, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return Finding("Git", "bad", "git cannot be started.", "apt-get install git")
    return Finding("Git", "good", f"{said.strip()[:60]}.")


def _disk(parts: Parts) -> Finding:
    disk = shutil.disk_usage(parts.settings.data)
    words = f"{size(disk.free)} of {size(disk.total)} are free."
    if left := left_when_full(parts.settings.data, floor_gb=parts.settings.free_disk_floor_gb):
        remedy = "Make room, or set fewer kept versions: pushes and builds are refused until then. Apps run on."
        return Finding("Disk", "bad", f"It counts as full: {left}. {words}", remedy)
    tight = disk.free < disk.total * 0.15
    return Finding("Disk", "busy" if tight else "good", words, "Make room soon." if tight else "")


def _runner(machine: MachineNow | None) -> Finding:
    if machine is None:
        return Finding("Runner", "bad", "The runner has never reported.", "Start it; its log says what it misses.")
    if not is_fresh(machine):
        words = f"The runner last reported {ago(machine.at)}. Apps go on, but none is started or stopped."
        return Finding("Runner", "bad", words, "Restart the runner, and see its log.")
    return Finding("Runner", "good", f"Reports every few seconds. {machine.usage.isolation}"[:300])


def _proxy(machine: MachineNow | None) -> Finding:
    if machine is None or not is_fresh(machine):
        return Finding("Proxy", "busy", "Nobody has asked it lately: the runner does.", "See the runner.")
    if not machine.usage.proxy:
        words = "The proxy does not answer on its socket. It may go on with the routes it has."
        return Finding("Proxy", "bad", words, "Restart the proxy; it reads its routes again.")
    return Finding("Proxy", "good", "Leads to apps, and takes new routes.")


def _builder(parts: Parts) -> Finding:
    try:
        answers = parts.queue.control.ping(timeout=_SECONDS)
    except (OperationalError, CeleryError, OSError, redis.RedisError):
        return Finding("Builder", "bad", "The queue of builds cannot be reached.", "Start Redis, then the builder.")
    if not answers:
        words = "No builder answers. One that is busy with a build may be late; otherwise builds wait."
        return Finding("Builder", "busy", words, "Start a builder if builds wait for long.")
    return Finding("Builder", "good", f"{len(answers)} builder{'s' if len(answers) > 1 else ''} ready.")


def _browser(parts: Parts) -> Finding:
    if parts.settings.browser == "none":
        return Finding("Browser", "good", "Takes no pictures of apps: it is told not to.")
    if found := find_browser(parts.settings.browser):
        return Finding("Browser", "good", f"{found.name} takes pictures of apps.")
    words = "There is no Chromium here, so Spaces show their emoji instead of a picture."
    return Finding("Browser", "busy", words, "apt-get install chromium where the builder runs")
