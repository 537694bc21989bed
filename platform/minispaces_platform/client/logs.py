"""Reading a Space's logs from a hub. What apps print is harmless afterwards, but for its colours."""

from collections.abc import Iterator

from pydantic import BaseModel, ValidationError

from minispaces_contract.logstream import clean
from minispaces_platform.client.hub import Word, asking
from minispaces_platform.client.spaces import RemoteSpace, refusal

_QUIET_SECONDS = 120
_LINE_MAX = 200_000


class LogLine(BaseModel):
    data: str
    timestamp: Word


def log_lines(space: RemoteSpace, which: str, *, tail: int | None, follow: bool) -> Iterator[LogLine]:
    """As they come. Raises HubError."""
    query = {"follow": follow} | ({} if tail is None else {"tail": tail})
    address = space.address(f"logs/{which}")
    with (
        asking(space.login.url, quiet_seconds=_QUIET_SECONDS) as client,
        client.stream("GET", address, params=query, headers=space.headers, follow_redirects=True) as answer,
    ):
        if not answer.is_success:
            answer.read()
            raise refusal(space.login.url, answer)
        yield from filter(None, map(_line, answer.iter_lines()))


def _line(event: str) -> LogLine | None:
    """None for what only keeps the connection alive."""
    if not event.startswith("data: {"):
        return None
    try:
        line = LogLine.model_validate_json(event[len("data: ") : _LINE_MAX])
    except ValidationError:
        return None
    return line.model_copy(update={"data": clean(line.data)})
