"""Where the processes of a network namespace listen, from /proc/PID/net."""

import socket
from pathlib import Path

_LISTEN = "0A"
_WORD = 4
"""The kernel prints addresses as hexadecimal words of four bytes in the machine's order."""


def parse_listening(table: str) -> list[str]:
    """`address:port` of every listening line of /proc/net/tcp or tcp6."""
    rows = (line.split() for line in table.splitlines()[1:])
    return [_readable(row[1]) for row in rows if len(row) > 3 and row[3] == _LISTEN]  # noqa: PLR2004  the state is column 3


def listening_addresses(pid: int) -> list[str]:
    """Empty when the process is gone."""
    found: list[str] = []
    for name in ("tcp", "tcp6"):
        try:
            found += parse_listening(Path(f"/proc/{pid}/net/{name}").read_text())
        except OSError:
            continue
    return sorted(set(found))


def _readable(endpoint: str) -> str:
    raw, port = endpoint.split(":")
    number = bytes.fromhex(raw)
    packed = b"".join(number[at : at + _WORD][::-1] for at in range(0, len(number), _WORD))
    if len(packed) == _WORD:
        return f"{socket.inet_ntop(socket.AF_INET, packed)}:{int(port, 16)}"
    return f"[{socket.inet_ntop(socket.AF_INET6, packed)}]:{int(port, 16)}"
