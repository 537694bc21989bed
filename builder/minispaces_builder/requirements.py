"""What a repository asks of the package index: requirements.txt and pre-requirements.txt, hostile until read."""

import ipaddress
import posixpath
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from minispaces_builder.errors import BuildError
from minispaces_builder.recipes.plan import Files

MAX_LINES = 5_000
MAX_BYTES = 1_000_000
_TOP_FILES = ("pre-requirements.txt", "requirements.txt")
_INDEX_OPTIONS = {"--extra-index-url": "--extra-index-url", "--find-links": "--find-links", "-f": "--find-links"}
_IGNORED = {"--prefer-binary", "--no-cache-dir", "--no-cache", "--upgrade", "-U", "--quiet", "-q", "--require-hashes"}
_HASH = re.compile(r"\s--hash[= ]\S+")
_COMMENT = re.compile(r"(^|\s)#.*$")
_URL_SCHEMES = {"https", "git+https"}


@dataclass(slots=True)
class Requirements:
    """`lines` are for the resolver, in the files' order; `named` are those with a name, by normal name."""

    lines: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    named: dict[str, Requirement] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Place:
    file: str
    line: int

    def error(self, words: str) -> BuildError:
        return BuildError(f"{self.file} line {self.line}: {words}")


def read_requirements(files: Files) -> Requirements:
    """Raises BuildError with file and line (security corpus B19 to B21)."""
    found = Requirements()
    for name in _TOP_FILES:
        if name in files.names:
            _read_file(files, name, found, trail=(), constraint=False)
    return found


def exact_pin(requirement: Requirement | None) -> str | None:
    """The version of `==VERSION`, if that is what it says."""
    specifiers = list(requirement.specifier) if requirement else []
    if len(specifiers) != 1 or specifiers[0].operator != "==" or specifiers[0].version.endswith("*"):
        return None
    return specifiers[0].version


def decode(raw: bytes, name: str) -> str:
    """UTF-8 or UTF-16 with a byte order mark (PowerShell's `>` writes that). Raises BuildError."""
    encoding = "utf-16" if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8"
    try:
        text = raw.removeprefix(BOM_UTF8).decode(encoding)
    except UnicodeDecodeError as error:
        raise BuildError(f"{name} is not UTF-8 text (byte {error.start}); save it as UTF-8.") from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise BuildError(f"{name} line {line}: there is a NUL byte in it; save the file as UTF-8 text.")
    return text


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their number, continued ones joined, comments and blank ones left out."""
    start, held = 0, ""
    for number, raw in enumerate(text.splitlines(), 1):
        start = start if held else number
        if raw.endswith("\\"):
            held += raw[:-1]
            continue
        line, held = _COMMENT.sub("", held + raw).strip(), ""
        if line:
            yield start, line
    if held.strip():
        yield start, held.strip()


def _read_file(files: Files, name: str, found: Requirements, *, trail: tuple[str, ...], constraint: bool) -> None:
    if name in trail:
        raise BuildError(f"{name} includes itself: {' → '.join([*trail, name])}.")
    raw = files.read(name, limit=MAX_BYTES)
    text = decode(raw, name)
    if len(raw) > MAX_BYTES or text.count("\n") > MAX_LINES:
        raise BuildError(f"{name} has more than {MAX_LINES:,} lines.")
    for number, line in logical_lines(text):
        place = _Place(name, number)
        if line.startswith("-"):
            _take_option(files, line, found, place=place, trail=(*trail, name), constraint=constraint)
        else:
            _take_requirement(line, found, place=place, constraint=constraint)


def _take_option(
    files: Files, line: str, found: Requirements, *, place: _Place, trail: tuple[str, ...], constraint: bool
) -> None:
    option, value = _split_option(line)
    if option in {"-r", "--requirement", "-c", "--constraint"}:
        included = _included(files, value, place)
        _read_file(files, included, found, trail=trail, constraint=constraint or option in {"-c", "--constraint"})
    elif option in _INDEX_OPTIONS:
        _check_index(option, value, place)
        found.options += [_INDEX_OPTIONS[option], value]
        found.warnings.append(f"{place.file} line {place.line}: packages may also come from {urlsplit(value).hostname}")
    elif option == "--pre":
        found.options += ["--prerelease", "allow"]
    elif option in _IGNORED:
        found.warnings.append(f"{place.file} line {place.line}: {option} has no meaning here and is ignored")
    else:
        raise place.error(f"the option {option} is not allowed here; list packages by name.")


def _split_option(line: str) -> tuple[str, str]:
    short = re.match(r"(-[a-zA-Z])\s*(.*)", line)
    if short and not line.startswith("--"):
        return short[1], short[2].strip()
    option, _, value = line.replace("=", " ", 1).partition(" ")
    return option, value.strip().strip("'\"")


def _included(files: Files, value: str, place: _Place) -> str:
    if "://" in value:
        raise place.error(f"{value} is not in the repository; only files of the repository can be included.")
    name = posixpath.normpath(posixpath.join(posixpath.dirname(place.file), value))
    if name.startswith(("/", "..")):
        raise place.error(f"{value} is outside the repository.")
    if name not in files.names:
        raise place.error(f"{value} is not in the repository.")
    return name


def _check_index(option: str, value: str, place: _Place) -> None:
    if urlsplit(value).scheme != "https" or not _is_public(urlsplit(value).hostname or ""):
        raise place.error(f"{option} may only name a public https:// address, not {value}.")


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".internal", ".localhost"))


def _take_requirement(line: str, found: Requirements, *, place: _Place, constraint: bool) -> None:
    line = _HASH.sub("", line).strip()
    if "$" in line:
        raise place.error("variables such as $HOME are not replaced here; write the value itself.")
    scheme = line.split("://", 1)[0] if "://" in line and " @ " not in line else ""
    if scheme:
        _check_url(line, place)
    else:
        requirement = _parse(line, place)
        if requirement.url:
            _check_url(requirement.url, place)
        found.named.setdefault(canonicalize_name(requirement.name), requirement)
    (found.constraints if constraint else found.lines).append(line)


def _check_url(url: str, place: _Place) -> None:
    if urlsplit(url).scheme not in _URL_SCHEMES or not _is_public(urlsplit(url).hostname or ""):
        raise place.error(f"{url} is not allowed; packages may come from public https:// or git+https:// addresses.")


def _parse(line: str, place: _Place) -> Requirement:
    try:
        return Requirement(line)
    except InvalidRequirement as error:
        raise place.error(
            f'"{line[:200]}" is not a requirement such as `numpy` or `numpy>=1.26`.{_hint(line)}'
        ) from error


def _hint(line: str) -> str:
    if re.fullmatch(r"[\w.\-\[\]]+\s*=\s*[\w.*]+", line):
        return " A version is pinned with two equal signs."
    if line.startswith((".", "/")) or line.endswith((".whl", ".tar.gz", ".zip")):
        return " Files and folders cannot be installed from here."
    return ""
