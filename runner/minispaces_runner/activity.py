"""How much each deployment is used, from the proxy's own table. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

COMMANDS = ("show table activity", "show info")
_KEPT_SECONDS = 24 * 24 * 3600
"""How long the proxy keeps a row after its last use: what is left of that tells how long ago it was."""
_ROW = re.compile(r"\bkey=(~?)[^|\s]+\|\d+\|([^|\s]+)\S* (.*)")
"""What begins with a tilde counts lasting connections."""
_FIELD = re.compile(r"\b(exp|conn_cur|http_req_cnt|bytes_in_cnt|bytes_out_cnt)=(\d+)")
_UPTIME = re.compile(r"^Uptime_sec: (\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Use:
    """`connections` are open now: requests, streams, WebSockets. `idle`: seconds since one began or ended.

    `requests` have come so far, and `sent` are the bytes that visitors got.
    """

    connections: int = 0
    idle: float = 0
    requests: int = 0
    sent: int = 0
    lasting: int = 0
    """Of the connections, those that stay open with nothing to do: WebSockets, and by which Gradio knows open pages."""
    moved: int = 0
    """Bytes over these, both ways."""

    @property
    def works(self) -> bool:
        """Whether a request is being answered."""
        return self.connections > self.lasting

    def is_recent(self, seconds: float) -> bool:
        return self.connections > 0 or self.idle < seconds


@dataclass(frozen=True, slots=True)
class Activity:
    """All that the proxy has counted, in the `age` seconds since it started."""

    uses: Mapping[str, Use]
    age: float

    def of(self, deployment_id: str) -> Use:
        return self.uses.get(deployment_id, Use(0, self.age))


def parse_activity(answer: str) -> Activity:
    """A deployment has several rows: of its two kinds of connections, and of each address that it had."""
    uses: dict[str, Use] = {}
    for lasting, deployment_id, row in _ROW.findall(answer):
        told = {name: int(number) for name, number in _FIELD.findall(row)}
        uses[deployment_id] = _with(uses.get(deployment_id, Use(0, _KEPT_SECONDS)), told, lasting=bool(lasting))
    uptime = _UPTIME.search(answer)
    return Activity(uses, float(uptime[1]) if uptime else 0)


def _with(seen: Use, told: Mapping[str, int], *, lasting: bool) -> Use:
    connections, sent = told["conn_cur"], told.get("bytes_out_cnt", 0)
    return Use(
        seen.connections + connections,
        min(seen.idle, max(0.0, _KEPT_SECONDS - told["exp"] / 1000)),
        seen.requests + told.get("http_req_cnt", 0),
        seen.sent + sent,
        seen.lasting + (connections if lasting else 0),
        seen.moved + (sent + told.get("bytes_in_cnt", 0) if lasting else 0),
    )
