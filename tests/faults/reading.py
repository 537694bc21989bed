"""People who read the hub's first page all the while something happens, and what they met."""

import threading
import time
from dataclasses import dataclass, field
from typing import Self

import httpx2
from support.installation import Installation

_PAUSE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Answer:
    """`told`: it says in words that a part is away, and when to come back."""

    began: float
    seconds: float
    status: int
    told: bool


@dataclass
class Readers:
    at: Installation
    many: int = 1
    answers: list[Answer] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._threads = [threading.Thread(target=self._read) for _ in range(self.many)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def failed(self, *, since: float = 0) -> list[tuple[int, bool]]:
        """Status, and whether it was told."""
        late = [each for each in self.answers if each.began >= since]
        return [(each.status, each.told) for each in late if each.status != httpx2.codes.OK]

    def percentile(self, share: float) -> float:
        return sorted(each.seconds for each in self.answers)[int(len(self.answers) * share)]

    def _read(self) -> None:
        named = {"Host": f"localhost:{self.at.port}", "Accept": "text/html"}
        with httpx2.Client(base_url=f"http://127.0.0.1:{self.at.port}", headers=named, timeout=60) as client:
            while not self._over.wait(_PAUSE_SECONDS):
                began = time.monotonic()
                answer = client.get("/")
                told = "retry-after" in answer.headers and "does not answer right now" in answer.text
                self.answers.append(Answer(began, time.monotonic() - began, answer.status_code, told))
