"""uv's errors in words for the person who pushed (security corpus B22)."""

import re

_MAX_LINES = 20
_MISSING = re.compile(r"Because ([\w.\-\[\],]+) was not found in the package registry")
_NO_VERSION = re.compile(r"there (?:is|are) no versions? of ([^\s,]+)")
_BUILD_FAILED = re.compile(r"Failed to build `([^`]+)`")
_NEEDS_BUILD = re.compile(r"from source is disabled|has no usable wheels|Building source distributions", re.IGNORECASE)
_NETWORK = re.compile(
    r"dns error|error sending request|Could not (?:connect|resolve)|timed out|Failed to fetch", re.IGNORECASE
)
_HOST = re.compile(r"https?://(?:[^/@\s]*@)?([\w.-]+)")
_PATH = re.compile(r"`?/(?:[\w.@+-]+/)+[\w.@+-]*`?")
_PREFIX = re.compile(r"^[\s│╰─▶├×]*(?:(?:error|cause): )?")


def needs_build(error: str) -> bool:
    """Whether it failed only because a package has no wheel and building was not allowed."""
    return _NEEDS_BUILD.search(error) is not None


def without_wheel(error: str) -> str | None:
    """The package that stood in the way of an installation without building."""
    found = re.search(r"Wheels are required for `([^`]+)`", error)
    return found[1] if found else None


def is_hopeless(error: str) -> bool:
    """Whether asking for less of the SDK cannot help: a package is missing, or the index does not answer."""
    return _MISSING.search(error) is not None or _NETWORK.search(error) is not None


def summary(error: str) -> str:
    """One sentence: what is wrong, and what to do next."""
    if missing := _MISSING.search(error):
        return f"There is no package named {missing[1]} on the package index; check its name in requirements.txt."
    if failed := _BUILD_FAILED.search(error):
        return f"{failed[1]} has no wheel for this Python and could not be built from source; the log above says why."
    if none := _NO_VERSION.search(error):
        return f"There is no such version of {none[1]} for this Python on the package index; choose another."
    if "No solution found" in error:
        return "The packages in requirements.txt do not fit together; the log above says which."
    if _NETWORK.search(error):
        host = _HOST.search(error)
        index = f"package index at {host[1]}" if host else "package index"
        return f"The {index} could not be reached; try again, and tell the administrator if it stays so."
    return "The packages could not be installed; the log above says why."


def last_lines(error: str) -> list[str]:
    """The useful part: no warnings, no hints about uv's own options, no paths of this machine."""
    text = error.split("\nhint:", 1)[0]
    lines = [_PATH.sub("…", _PREFIX.sub("", line)).rstrip() for line in text.splitlines()]
    kept = [line for line in lines if line and not line.startswith(("warning:", "Resolved ", "Using "))]
    return kept[-_MAX_LINES:]
