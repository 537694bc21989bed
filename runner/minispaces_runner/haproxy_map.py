"""One of HAProxy's maps: changed over its stats socket without a reload, and kept in the map's file."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import structlog

from minispaces_runner.haproxy_socket import HaproxySocket

_WORD = re.compile(r"[A-Za-z0-9_.:|-]{1,400}")

log = structlog.get_logger()


def parse_map(lines: Iterable[str]) -> dict[str, str]:
    """Entries whose last two words are key and value: the map's file, and the answer to `show map`."""
    return dict(line.split()[-2:] for line in lines if len(line.split()) > 1)


def format_map(entries: Mapping[str, str]) -> str:
    return "".join(f"{key} {value}\n" for key, value in entries.items())


def put_commands(path: Path, entries: Mapping[str, str], *, served: Iterable[str]) -> list[str]:
    """`set` changes an entry in place. `add` alone would leave an older entry in front of the new one."""
    known = set(served)
    return [
        f"set map {path} {key} {value}" if key in known else f"del map {path} {key}; add map {path} {key} {value}"
        for key, value in entries.items()
    ]


class HaproxyMap:
    """The entries as this process knows them; the proxy's own answer always wins."""

    def __init__(self, file: Path, socket: HaproxySocket) -> None:
        self._file = file.absolute()
        self._socket = socket
        self._entries = parse_map(self._file.read_text().splitlines()) if self._file.exists() else {}

    async def all(self) -> dict[str, str]:
        """What the proxy serves, or what it will serve when it is back."""
        answer = await self._socket.ask([f"show map {self._file}"])
        if answer is not None:
            self._entries = parse_map(answer.splitlines())
        return dict(self._entries)

    async def put(self, entries: Mapping[str, str]) -> bool:
        """Add or change; True when the proxy has them now, False while it is away. Raises ValueError for what is
        no single word of harmless letters.
        """
        for word in (*entries.keys(), *entries.values()):
            check_word(word)
        commands = put_commands(self._file, entries, served=self._entries)
        self._save({**self._entries, **entries})
        answer = await self._socket.ask(commands)
        if answer is not None and "entry not found" in answer:  # the proxy restarted with an older table
            answer = await self._socket.ask(put_commands(self._file, entries, served=()))
        return answer is not None and _is_success(answer)

    async def delete(self, keys: Iterable[str]) -> bool:
        """Unknown keys are fine."""
        gone = set(keys)
        for key in gone:
            check_word(key)
        self._save({key: value for key, value in self._entries.items() if key not in gone})
        return await self._socket.ask([f"del map {self._file} {key}" for key in sorted(gone)]) is not None

    async def become(self, wanted: Mapping[str, str]) -> bool:
        """Exactly these entries; what must go goes first. True when the proxy has taken all of it."""
        served = await self.all()
        gone = served.keys() - wanted.keys()
        new = {key: value for key, value in wanted.items() if served.get(key) != value}
        if gone and not await self.delete(gone):
            self._save(dict(wanted))
            return False
        return not new or await self.put(new)

    def _save(self, entries: dict[str, str]) -> None:
        self._entries = entries
        self._file.parent.mkdir(parents=True, exist_ok=True)
        new = self._file.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(format_map(entries))
        new.replace(self._file)


def check_word(word: str) -> None:
    """Nothing may be read as more than one word, or as another command."""
    if not _WORD.fullmatch(word):
        raise ValueError(f"nothing for a map: {word!r}")


def _is_success(answer: str) -> bool:
    """HAProxy is silent when all is well, but for the `del` that only makes sure."""
    complaints = {line for line in answer.splitlines() if line and line != "Key not found."}
    if complaints:
        log.error("proxy_refused_entry", answers=sorted(complaints)[:3])
    return not complaints
