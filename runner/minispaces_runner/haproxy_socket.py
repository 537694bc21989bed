"""Asking HAProxy over its stats socket."""

import asyncio
from pathlib import Path

import structlog

_SECONDS = 5
_COMMANDS_PER_LINE = 200
"""A line of commands must fit into one of HAProxy's buffers (64 KiB)."""

log = structlog.get_logger()


class HaproxySocket:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._away = False

    async def ask(self, commands: list[str]) -> str | None:
        """The proxy's answers, or None while it is away."""
        try:
            async with asyncio.timeout(_SECONDS):
                answers = [
                    await self._converse("; ".join(commands[at : at + _COMMANDS_PER_LINE]))
                    for at in range(0, len(commands), _COMMANDS_PER_LINE)
                ]
        except (OSError, TimeoutError):
            if not self._away:
                log.warning("proxy_away", socket=str(self._path))
            self._away = True
            return None
        self._away = False
        return "".join(answers)

    async def _converse(self, line: str) -> str:
        reader, writer = await asyncio.open_unix_connection(str(self._path), limit=1 << 26)
        try:
            writer.write(line.encode() + b"\n")
            return (await reader.read()).decode()
        finally:
            writer.close()
