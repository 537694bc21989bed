"""Why an app does not run, in words for the people who wrote it."""

import signal
from collections.abc import Sequence
from datetime import UTC, datetime

from minispaces_contract.messages import DeploymentSpec, Hardware
from minispaces_runner.engine import Exit
from minispaces_runner.health import Silence

_LOOPBACK = ("127.", "[::1]", "::1", "localhost")


def words_for_end(spec: DeploymentSpec, ended: Exit, *, crashes: int = 0) -> str:
    """How it ended; `crashes` counts the quick ones before this, of an app that had been live."""
    return _how(spec, ended) + _no_more(crashes)


def words_for_hang(spec: DeploymentSpec, silence: Silence, *, now: float, crashes: int = 0) -> str:
    """Of an app that ran on, and answered nobody."""
    lasted = _duration(round(now - silence.since))
    if silence.closed:
        return f"Nothing listened on port {spec.artifact.port} for {lasted}, though the app ran on." + _no_more(crashes)
    busy = " It was busy all the time." if silence.still_since > silence.since else ""
    return f"The app stopped answering for {lasted}.{busy}" + _no_more(crashes)


def words_of_return(ended: str, *, at: float) -> str:
    """`ended` is how it came to its end; `at` is when, in seconds since the epoch."""
    return f"{ended} It was started again on {datetime.fromtimestamp(at, UTC):%d %B %Y at %H:%M} UTC.".replace(
        " on 0", " on "
    )


def _no_more(crashes: int) -> str:
    if not crashes:
        return ""
    return f" It has now ended {crashes + 1} times shortly after its start, and is not started again."


def _how(spec: DeploymentSpec, ended: Exit) -> str:
    if ended.out_of_memory:
        much = f"more memory than it may: {_amount(spec.hardware.memory_mb)} on {spec.hardware.name}. "
        return f"{_of_memory(ended)} {much}Use less, or choose larger hardware."
    if ended.signal is not None:
        return f"The app was ended by the signal {_name(ended.signal)}."
    if ended.code == 0:
        return (
            "The app ended at once without an error (exit code 0). "
            f"It has to go on running and answer on port {spec.artifact.port}."
        )
    return f"The app ended with exit code {ended.code}." + _EXPLAINED.get(ended.code or 0, "")


def _of_memory(ended: Exit) -> str:
    """One that ended with a word of its own was not killed: a process that it had begun was."""
    if ended.signal == signal.SIGKILL or ended.code in {None, _KILLED}:
        return "The app was ended because it used"
    how = f"the signal {_name(ended.signal)}" if ended.signal is not None else f"exit code {ended.code}"
    return f"The app ended with {how}, after one of its processes had been ended because it used"


_KILLED = 128 + signal.SIGKILL
_EXPLAINED = {
    126: " That says: the start command is there, but it is not executable or not made for this kind of processor.",
    127: " That says: the start command was not found.",
}


def words_for_timeout(spec: DeploymentSpec, listening: Sequence[str], *, status: int | None) -> str:
    after = f"after {_duration(spec.startup_seconds)}"
    if status is not None:
        return f"The app answers, but with an error (HTTP {status}), and still did {after}."
    return f"Nothing answered {after}: {words_for_silence(spec.artifact.port, listening)}"


def words_for_silence(port: int, listening: Sequence[str]) -> str:
    """Why nothing answers on `port` while the app runs; `listening` is where it does listen."""
    right = [place for place in listening if _port(place) == port and not place.startswith(_LOOPBACK)]
    if right:
        return f"the app listens on port {port}, but does not answer HTTP requests."
    seen = ", ".join(sorted(listening)) or "no port at all"
    return f"nothing listens on port {port} (seen: {seen}): bind to 0.0.0.0:{port}"


def _port(place: str) -> int | None:
    port = place.rpartition(":")[2]
    return int(port) if port.isdecimal() else None


def _name(number: int) -> str:
    try:
        return f"{signal.Signals(number).name} ({signal.strsignal(number)})"
    except ValueError:
        return str(number)


def _amount(mebibytes: int) -> str:
    return f"{mebibytes / 1024:g} GiB" if mebibytes >= 1024 else f"{mebibytes} MiB"  # noqa: PLR2004 (MiB per GiB)


def _duration(seconds: float) -> str:
    return f"{seconds / 60:g} minutes" if seconds >= 120 else f"{seconds:g} seconds"  # noqa: PLR2004 (two minutes)


def disk_in_words(hardware: Hardware) -> str:
    return f"{_amount(hardware.disk_mb)} on {hardware.name}"


def words_for_full_disk(hardware: Hardware) -> str:
    """Of an app that goes on."""
    return (
        f"The app has filled its disk: {disk_in_words(hardware)}. What it writes now fails with 'No space left on "
        "device'. Delete files, keep what must stay in /data, or choose larger hardware."
    )


def words_for_too_much_written(hardware: Hardware, written: int) -> str:
    return (
        f"The app was stopped because it wrote {_amount(written >> 20)} and may write {disk_in_words(hardware)}. "
        "Write less, keep what must stay in /data, or choose larger hardware."
    )
