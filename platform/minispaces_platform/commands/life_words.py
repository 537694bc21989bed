"""How an app's life reads on a terminal, and as an exit code. Pure."""

from datetime import datetime
from typing import TYPE_CHECKING

from minispaces_platform.runtime.words import FAILED, LASTS, OPENS
from minispaces_platform.spaces.words import WORDS, StageWords
from minispaces_platform.wording import duration, tidy

if TYPE_CHECKING:
    from minispaces_platform.client.spaces import Hardware, Runtime, Times


def code_of(stage: str) -> int:
    """0: visitors get the app; 3: it failed; 5: that passes by itself; 4: it is stopped."""
    if stage in OPENS:
        return 0
    return 3 if stage in FAILED else 5 if stage in LASTS else 4


def words_of(stage: str) -> StageWords:
    """A hub of another age may have other stages."""
    known = {str(each): words for each, words in WORDS.items()}
    return known.get(stage, StageWords(tidy(stage, 40), "quiet", ""))


def status_lines(space: str, runtime: "Runtime") -> str:
    words = words_of(runtime.stage)
    rows = {
        "": tidy(runtime.errorMessage or runtime.notice, 2000) or words.sentence,
        "version": "" if runtime.version is None else f"{runtime.version} ({(runtime.sha or '')[:7]})",
        "hardware": hardware_words(runtime.hardware),
        "sleeps": "" if runtime.gcTimeout is None else _sleeps(runtime.gcTimeout),
        "kept warm": _kept_warm(runtime.keptWarm) if runtime.keptWarm else "",
    }
    return "\n".join((f"{space}: {words.label}", *(f"  {name:<10}{value}" for name, value in rows.items() if value)))


def told(space: str, runtime: "Runtime") -> str:
    """One line for the end of a command."""
    words = words_of(runtime.stage)
    return f"{space}: {words.label}. {tidy(runtime.errorMessage or runtime.notice, 2000) or words.sentence}".strip()


def hardware_words(hardware: "Hardware") -> str:
    """What was asked for, and what it runs on until it has moved."""
    moving = f" (now {hardware.current})" if hardware.current not in {None, hardware.requested} else ""
    return f"{hardware.requested or ''}{moving}"


def _sleeps(seconds: int) -> str:
    return f"after {duration(seconds)} without visitors" if seconds > 0 else "never"


def _kept_warm(times: "Times") -> str:
    """On the clocks of this machine."""
    try:
        since, until = (datetime.fromisoformat(each).astimezone() for each in (times.since, times.until))
    except ValueError:
        return ""
    return f"{since:%a %Y-%m-%d %H:%M} to {until:%H:%M}"
