"""BuildKit's errors in words for the person who pushed (security corpus B24, B26)."""

import re

from minispaces_builder.recipes.plan import Files

_EXIT = re.compile(
    r"(?:executor failed running|process) \"?\[?(?:/bin/sh -c )?(.*?)\]?\"?(?: did not.*)?: exit code: (\d+)"
)
_ABSENT = re.compile(r'"/?([^"]+)"(?:: )?(?: not found|.*no such file)')
_PARSE = re.compile(r"(?:dockerfile )?parse error(?: on)? line (\d+): (.*)", re.IGNORECASE)
_METADATA = re.compile(r"load metadata for (\S+?):?(?:\n|$)")
_SECRET = re.compile(r"secret (\S+?):? not found")
_UNREACHABLE = re.compile(
    r"failed to do request|pull access denied|no such host|failed to resolve source"
    r"|manifest unknown|authorization failed"
)
UNEXPLAINED = (
    "The image could not be built, for a reason that is often the Docker engine's own. Push again; if that fails as "
    "well, an administrator finds the reason in the builder's log."
)
_MEMORY_KILL = 137
_SHOWN_COMMAND = 100


def explain(error: str, files: Files, *, available: tuple[str, ...]) -> str:
    """One or two sentences. `available` are images that the engine has."""
    if parse := _PARSE.search(error):
        return f"Dockerfile line {parse[1]}: {parse[2]}."
    if (base := _METADATA.search(error)) and (_UNREACHABLE.search(error) or "not found" in error):
        return missing_base(base[1], available)
    if ended := _EXIT.search(error):
        return _ended(ended[1], int(ended[2]))
    if absent := _absent(error, files):
        return absent
    if "no build stage in current context" in error or "file with no instructions" in error:
        return "The Dockerfile has no FROM instruction; it must say which image to start from."
    return UNEXPLAINED


def missing_base(name: str, available: tuple[str, ...]) -> str:
    short = name.removeprefix("docker.io/").removeprefix("library/")
    choice = f" Available here: {', '.join(available[:8])}." if available else ""
    return f"The base image {short} is not available here: no registry that has it can be reached.{choice}"


def _ended(command: str, code: int) -> str:
    shown = command if len(command) <= _SHOWN_COMMAND else command[:_SHOWN_COMMAND] + " …"
    if code == _MEMORY_KILL:
        return f"RUN {shown} was killed (exit code 137), most likely because it ran out of memory."
    return f"RUN {shown} ended with exit code {code}; the log above says why."


def _absent(error: str, files: Files) -> str | None:
    if secret := _SECRET.search(error):
        return f"A step of the Dockerfile requires the secret {secret[1]}, and this Space has no secret of that name."
    file = _ABSENT.search(error)
    return _not_in_context(file[1], files) if file else None


def _not_in_context(name: str, files: Files) -> str:
    there = name in files.names or any(other.startswith(f"{name}/") for other in files.names)
    if there and ".dockerignore" in files.names:
        return f"{name} cannot be copied: .dockerignore leaves it out."
    return f"{name} cannot be copied: it is not in the repository. Did you commit it? (`..` does not lead outside.)"
