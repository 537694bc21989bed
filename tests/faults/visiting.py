"""Visitors who ask without a pause while something happens, and what they met."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Self

import httpx2


@dataclass
class Visitors:
    """`seen` counts the answers by status, or by the kind of error; `gap` is the longest time without a good one."""

    port: int
    host: str
    many: int = 2
    seen: Counter[str] = field(default_factory=Counter)
    gap: float = 0
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._threads = [threading.Thread(target=self._ask) for _ in range(self.many)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    @property
    def failed(self) -> dict[str, int]:
        return {status: count for status, count in self.seen.items() if status != "200"}

    def _ask(self) -> None:
        headers, good = {"Host": f"{self.host}:{self.port}"}, time.monotonic()
        with httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=30) as client:
            while not self._over.is_set():
                try:
                    status = str(client.get("/").status_code)
                except httpx2.TransportError as error:
                    status = type(error).__name__
                self.seen[status] += 1
                if status == "200":
                    self.gap, good = max(self.gap, time.monotonic() - good), time.monotonic()
