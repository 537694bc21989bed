"""Wait for an app's first answer."""

import asyncio
import re
from dataclasses import dataclass

from minispaces_runner.engine import Instance

_FIRST_PAUSE = 0.005
_LONGEST_PAUSE = 0.05
_CONNECT_SECONDS = 1
_ANSWER_SECONDS = 30
"""Some apps load their model at the first request."""
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})")


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is the last one seen, None when nothing ever spoke HTTP there."""

    ready: bool
    status: int | None


async def await_answer(instance: Instance, *, host: str, seconds: float) -> Answer:
    """Ask for `/` until any status below 500 comes (hf-compat 2.12), or `seconds` have passed."""
    status: int | None = None
    pause = _FIRST_PAUSE
    try:
        async with asyncio.timeout(seconds):
            while True:
                status = await _ask(instance, host) or status
                if status is not None and status < 500:  # noqa: PLR2004 (HTTP's own number)
                    return Answer(ready=True, status=status)
                await asyncio.sleep(pause)
                pause = min(pause * 1.2, _LONGEST_PAUSE)
    except TimeoutError:
        return Answer(ready=False, status=status)


async def _ask(instance: Instance, host: str) -> int | None:
    """One request; None for anything that is no HTTP answer."""
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(instance.ip, instance.port)
    except (OSError, TimeoutError):
        return None
    try:
        writer.write(request_for(host, agent="minispaces-readiness"))
        async with asyncio.timeout(_ANSWER_SECONDS):
            line = await reader.readline()
    except (OSError, TimeoutError, ValueError):
        return None
    finally:
        writer.close()
    found = _STATUS_LINE.match(line)
    return int(found[1]) if found else None


def request_for(host: str, *, agent: str) -> bytes:
    lines = ("GET / HTTP/1.1", f"Host: {host}", f"User-Agent: {agent}", "Accept: text/html, */*")
    return "\r\n".join((*lines, "Connection: close", "", "")).encode()
