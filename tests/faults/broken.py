"""Pushing apps that are broken on purpose, breaking some later, and what their owner learns of it."""

import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2
from support.broken_demos import MEMORY_MB, REFUSED, SILENCE, Demo, Later, boxed, live
from support.installation import Installation, Person, installation
from support.names import names_leading_here
from support.waiting import wait_for

SETTINGS = {
    "MINISPACES_UNANSWERED_SECONDS": str(SILENCE),
    "MINISPACES_MAX_FILE_MB": "1",
    "MINISPACES_MAX_PUSH_MB": "3",
}
HEALTHY = live("serve()")


@contextmanager
def open_house(engine: str, environment: dict[str, str]) -> Iterator[Installation]:
    with names_leading_here(), installation(engine, seconds=180, environment=environment | SETTINGS) as made:
        yield made


@contextmanager
def owner_in(house: Installation, folder: Path) -> Iterator[Person]:
    """Somebody with little memory, whose first app, which works, has made the environment of all others."""
    somebody = house.add_person(f"o{uuid.uuid4().hex[:8]}")
    give_little_memory(house, somebody)
    push_healthy(house, somebody, folder)
    yield somebody
    somebody.stop_apps()


def give_little_memory(house: Installation, somebody: Person) -> None:
    root = house.add_person("root")
    house.command("user", "admin", "root")
    flavour = {"flavour": "tiny", "cpus": "1", "memory_gb": str(MEMORY_MB / 1024), "is_open": "true"}
    for path, form in (("", flavour), ("/rules", {"owner": somebody.name, "default": "tiny"})):
        bearer = {"Authorization": f"Bearer {root.token}"}
        answer = house.ask("POST", "localhost", f"/admin/hardware{path}", headers=bearer, data=form)
        assert answer.status_code < 400, answer.text


@dataclass(frozen=True)
class Outcome:
    pushed: bool
    said: str
    stage: str
    message: str
    seconds: float


def push(at: Installation, person: Person, folder: Path, demo: Demo) -> Outcome:
    name = folder.name
    tree = person.work_on(name, folder, {"README.md": demo.readme, "app.py": demo.app, **demo.files})
    began = time.monotonic()
    pushed = tree.push()
    seconds = time.monotonic() - began
    runtime = wait_for(lambda: settled(at, person, name), seconds=20) or {}
    message = str(runtime.get("errorMessage", ""))
    return Outcome(pushed.returncode == 0, pushed.stderr, str(runtime.get("stage", "")), message, seconds)


def settled(at: Installation, person: Person, name: str) -> dict[str, object] | None:
    headers = {"Authorization": f"Bearer {person.token}"}
    runtime: dict[str, object] = at.ask(
        "GET", "localhost", f"/api/spaces/{person.name}/{name}/runtime", headers=headers
    ).json()
    return None if runtime["stage"] in {"BUILDING", "APP_STARTING"} else runtime


def push_healthy(house: Installation, owner: Person, folder: Path) -> str:
    """The name of its Space."""
    pushed = push(house, owner, folder, boxed(HEALTHY) if house.engine == "docker" else HEALTHY)
    assert pushed.pushed, pushed.said
    return owner.spaces[-1]


def differences(demo: Demo, outcome: Outcome) -> list[str]:
    found = [] if outcome.stage == demo.stage else [f"stage {outcome.stage}, not {demo.stage}"]
    found += [] if outcome.pushed == (demo.stage == "RUNNING") else ["the push"]
    found += [] if re.search(demo.words, outcome.said, re.DOTALL) else ["the push's words"]
    known = demo.stage == REFUSED or re.search(demo.words, outcome.message, re.DOTALL)
    found += [] if known else ["the message"]
    return found + ([] if outcome.seconds <= demo.within else [f"{outcome.seconds:.0f} s"])


def break_later(house: Installation, owner: Person, space: str, later: Later) -> str:
    """What is said of it once it is up again, and after how long."""
    began = time.monotonic()
    for path in (later.path, "/"):
        with suppress(httpx2.TransportError):
            house.ask("GET", owner.host_of(space), path, timeout=2)

    def is_back() -> str | None:
        runtime = settled(house, owner, space) or {}
        notice = str(runtime.get("notice", ""))
        return notice if runtime.get("stage") == "RUNNING" and re.search(later.words, notice) else None

    notice = wait_for(is_back, seconds=later.within)
    assert house.get(owner.host_of(space)).text == "up"
    return f"up again after {time.monotonic() - began:.1f} s: {notice}"
