"""Going back to a version and forth again while its app is asked all the time."""

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

from support.installation import Installation, Person

VISITORS = 4
MARKERS = ("the-first", "the-second")
"""What the app's two versions say."""


@dataclass
class Visits:
    """What the visitors got meanwhile."""

    good: int = 0
    failed: list[str] = field(default_factory=list)
    over: bool = False


@dataclass
class Switch:
    at: Installation
    person: Person
    name: str
    path: str = "/"
    """A page that says which version it is of."""

    def to(self, version: int) -> float:
        """Seconds from the command to the first answer of that version."""
        path, bearer = f"/api/spaces/{self.person.name}/{self.name}", {"Authorization": f"Bearer {self.person.token}"}
        begun = time.perf_counter()
        answer = self.at.ask("POST", "localhost", f"{path}/rollback", headers=bearer, json={"version": version})
        answer.raise_for_status()
        while MARKERS[version - 1] not in self.at.get(self.person.host_of(self.name), self.path).text:
            time.sleep(0.005)
        return time.perf_counter() - begun


def go_back_and_forth(switch: Switch, *, rollbacks: int, requests: int) -> tuple[list[float], Visits]:
    """From the second version to the first and so on; goes on with visiting until there were `requests`."""
    with visiting(switch) as visits:
        taken = [switch.to(version) for version in itertools.islice(itertools.cycle((1, 2)), rollbacks)]
        while visits.good + len(visits.failed) < requests:
            time.sleep(0.05)
    return taken, visits


@contextmanager
def visiting(switch: Switch) -> Iterator[Visits]:
    visits = Visits()
    threads = [threading.Thread(target=_visit, args=(switch, visits)) for _ in range(VISITORS)]
    for thread in threads:
        thread.start()
    try:
        yield visits
    finally:
        visits.over = True
        for thread in threads:
            thread.join()


def _visit(switch: Switch, visits: Visits) -> None:
    """One connection, one request after the other; a client that does more would ask half as often."""
    headers = {"Host": f"{switch.person.host_of(switch.name)}:{switch.at.port}"}
    connection = HTTPConnection("127.0.0.1", switch.at.port, timeout=60)
    while not visits.over:
        try:
            connection.request("GET", switch.path, headers=headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        except (OSError, HTTPException) as error:
            visits.failed.append(repr(error))
            connection.close()
            continue
        if answer.status == HTTPStatus.OK and any(marker in text for marker in MARKERS):
            visits.good += 1
        else:
            visits.failed.append(f"{answer.status} {text[:80]}")
    connection.close()
