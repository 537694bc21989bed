"""How much each deployment is used, from the proxy's own table. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

COMMANDS = ("show table activity", "show info")
_KEPT_SECONDS = 24 * 24 * 3600
"""How long the proxy keeps a row after its last use: what is left of that tells how long ago it was."""
_ROW = re.compile(r"\bkey=[^|\s]+\|\d+\|([^|\s]+)\S* (.*)")
_FIELD = re.compile(r"\b(exp|conn_cur|http_req_cnt|bytes_out_cnt)=(\d+)")
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
    """A deployment that came back at another address has two rows."""
    uses: dict[str, Use] = {}
    for deployment_id, row in _ROW.findall(answer):
        seen, told = uses.get(deployment_id, Use(0, _KEPT_SECONDS)), dict(_FIELD.findall(row))
        uses[deployment_id] = Use(
            seen.connections + int(told["conn_cur"]),
            min(seen.idle, max(0.0, _KEPT_SECONDS - int(told["exp"]) / 1000)),
            seen.requests + int(told.get("http_req_cnt", 0)),
            seen.sent + int(told.get("bytes_out_cnt", 0)),
        )
    uptime = _UPTIME.search(answer)
    return Activity(uses, float(uptime[1]) if uptime else 0)
