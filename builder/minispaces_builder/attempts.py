"""The ladder of a resolution: what is asked for first, and what is given up when that cannot be had."""

import re
from dataclasses import dataclass, replace
from datetime import date

from minispaces_builder.requirements import Requirements, exact_pin

_OLD_TOOLS = date(2025, 2, 1)


@dataclass(frozen=True, slots=True)
class Attempt:
    """`lines` are added to the repository's own requirements; `note` is said if this is the attempt that succeeds."""

    lines: tuple[str, ...]
    as_of: date | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """Which version of the SDK is wanted. `spelled` keeps the repository's own requirement, which then decides."""

    version: str | None = None
    spelled: bool = False
    warning: str | None = None


def pin_of(package: str, sdk_version: str | None, requirements: Requirements) -> Pin:
    """The front matter's version, unless requirements.txt contradicts it."""
    written = requirements.named.get(package)
    named = None if sdk_version in {None, "", "latest"} else sdk_version
    if written is None or (not written.specifier and not written.url):
        return Pin(named)
    if named is None:
        return Pin(exact_pin(written), spelled=True)
    if not written.url and written.specifier.contains(named, prereleases=True):
        return Pin(named)
    words = (
        f"README.md says sdk_version {named}, but requirements.txt says {written}: requirements.txt wins. "
        "Make the two agree to be rid of this warning."
    )
    return Pin(exact_pin(written), spelled=True, warning=words)


def attempts(package: str | None, pin: Pin, *, as_of: date | None) -> list[Attempt]:
    """Most like the Hub's own build first (hf-compat 2.2)."""
    if package is None:
        return [Attempt(("starlette", "uvicorn"))]
    ladder = _gradio(pin, as_of) if package == "gradio" else _streamlit(pin, as_of)
    return ladder if as_of is None else [*ladder, _undated(ladder[-1])]


def _undated(last: Attempt) -> Attempt:
    note = "The packages did not fit together as of that date; resolved with today's versions instead."
    return replace(last, as_of=None, note=note)


def _gradio(pin: Pin, as_of: date | None) -> list[Attempt]:
    extras = {3: (), 4: ("oauth",)}.get(_major(pin.version), ("oauth", "mcp"))
    common = ("uvicorn>=0.14.0", "websockets>=10.4", "requests", *_tools(as_of))
    first = Attempt((_sdk("gradio", extras, pin), *common, "spaces"), as_of)
    ladder = [first]
    if "mcp" in extras:
        note = "Installed without gradio's `mcp` extra, which does not fit the other packages."
        ladder.append(Attempt((_sdk("gradio", ("oauth",), pin), *common, "spaces"), as_of, note))
    plain = "Installed without `spaces` and gradio's extras, which do not fit the other packages."
    bare = Attempt((_sdk("gradio", (), pin), "pip", *_tools(as_of)), as_of, plain)
    without = None if extras == () else plain  # Gradio 3 is older than `spaces` and the extras: nothing to tell
    return [*ladder, Attempt((_sdk("gradio", (), pin), *common), as_of, without), bare]


def _streamlit(pin: Pin, as_of: date | None) -> list[Attempt]:
    return [Attempt((_sdk("streamlit", (), pin), "requests", *_tools(as_of)), as_of)]


def _tools(as_of: date | None) -> tuple[str, ...]:
    """pip, because apps call it; and for old packages `pkg_resources`, gone from setuptools 82."""
    return ("pip", "setuptools<81") if as_of and as_of < _OLD_TOOLS else ("pip",)


def _sdk(package: str, extras: tuple[str, ...], pin: Pin) -> str:
    name = f"{package}[{','.join(extras)}]" if extras else package
    return name if pin.spelled or pin.version is None else f"{name}=={pin.version}"


def _major(version: str | None) -> int:
    found = re.match(r"\d+", version or "")
    return int(found[0]) if found else 6
