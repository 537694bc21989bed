"""What is open through the proxy and no longer may be: WebSockets, event streams, long answers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from minispaces_contract.messages import EdgeAccess
from minispaces_runner.haproxy_socket import HaproxySocket

_FLOW = re.compile(r" key=([^|\s]+)\|([^|\s]*)\|(\S+) ")
_SESSION = re.compile(r"^(0x[0-9a-f]+): .*\bsrc=(\S+) ", re.MULTILINE)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Flow:
    """A request that goes on: whose host, by which key (empty where none was needed), from which address and port."""

    host: str
    key: str
    source: str


def parse_flows(answer: str) -> list[Flow]:
    """The answer to `show table`."""
    return [Flow(*found) for found in _FLOW.findall(answer)]


def sources_to_end(flows: Iterable[Flow], access: EdgeAccess) -> set[str]:
    return {flow.source for flow in flows if not access.admits(flow.host, flow.key)}


def sessions_from(answer: str, sources: set[str]) -> list[str]:
    """Of `show sess`: the sessions whose client is one of `sources`."""
    return [session for session, source in _SESSION.findall(answer) if source in sources]


async def end_streams(socket: HaproxySocket, access: EdgeAccess) -> int:
    """How many were ended. Nothing is, while the proxy is away: it has no streams then."""
    flows = parse_flows(await socket.ask(["show table flows data.conn_cur gt 0"]) or "")
    sources = sources_to_end(flows, access)
    if not sources:
        return 0
    sessions = sessions_from(await socket.ask(["show sess"]) or "", sources)
    await socket.ask([f"shutdown session {session}" for session in sessions])
    log.info("streams_ended", count=len(sessions))
    return len(sessions)
