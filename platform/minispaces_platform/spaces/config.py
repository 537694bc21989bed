"""Front matter -> what to build (`AppConfig`) and what to show (`SpaceCard`). Pure.

What would make the app wrong is refused in words; what is only decoration falls back with a warning.
"""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from minispaces_contract.messages import AppConfig
from minispaces_contract.states import Sdk
from minispaces_platform.gallery.words import readme_words
from minispaces_platform.models.card import SpaceCard, SpaceOAuth
from minispaces_platform.oauth.scopes import SCOPES
from minispaces_platform.spaces.frontmatter import FrontMatterError, nearest, parse

COLOURS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
TITLE_MAX = 100
DESCRIPTION_MAX = 60
PATH_MAX = 400
MINUTES_MAX = 30 * 24 * 60

_VERSION = re.compile(r"\d+(\.\d+){0,3}((a|b|rc|\.post|\.dev)\d+)?")
_PYTHON = re.compile(r"3(\.\d{1,2}){1,2}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, None: 1}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_BIDI = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class ReadConfig:
    app: AppConfig
    card: SpaceCard
    found: bool
    """Whether there was any front matter at all."""
    words: str = ""
    """The README's own, for the search."""


def read_config(readme: bytes | None) -> ReadConfig:
    """Raises FrontMatterError with words for the pusher."""
    values = parse(readme) if readme is not None else None
    reader = _Reader(values or {})
    app = AppConfig(
        sdk=reader.sdk(),
        sdk_version=reader.version("sdk_version"),
        python_version=reader.python(),
        app_file=reader.app_file(),
        app_port=reader.port(),
        dependencies_as_of=reader.as_of(),
        startup_seconds=reader.seconds("startup_duration_timeout", default=30 * 60),
    )
    card = _card(reader, app.sdk)
    return ReadConfig(
        app=app.model_copy(update={"warnings": tuple(reader.warnings)}), card=card, found=values is not None,
        words=readme_words(readme or b""),
    )  # fmt: skip


def _card(reader: "_Reader", sdk: Sdk | None) -> SpaceCard:
    return SpaceCard(
        title=reader.text("title", limit=TITLE_MAX),
        emoji=reader.emoji(),
        color_from=reader.colour("colorFrom", default="blue"),
        color_to=reader.colour("colorTo", default="purple"),
        short_description=reader.text("short_description", limit=DESCRIPTION_MAX),
        sdk=sdk,
        base_path=reader.base_path(),
        full_width=reader.flag("fullWidth", default=True),
        mini_header=reader.text("header", limit=20) == "mini",
        thumbnail=reader.thumbnail(),
        tags=reader.words("tags"),
        license=reader.text("license", limit=60),
        identity_headers=reader.flag("identity_headers", default=False),
        oauth=reader.oauth(),
    )


class _Reader:
    """One key at a time, collecting warnings on the way."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values
        self.warnings: list[str] = []

    def scalar(self, key: str) -> str | None:
        value = self.values.get(key)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise FrontMatterError(f"{key} must be one value, not a list or mapping")
        return value.strip()

    def text(self, key: str, *, limit: int) -> str | None:
        raw = self.values.get(key)
        value = raw if isinstance(raw, str) else None
        if value is None:
            return None
        clean = _BIDI.sub("", unicodedata.normalize("NFC", value)).strip()
        if clean != value.strip():
            self.warnings.append(f"{key}: invisible control characters were removed")
        if len(clean) > limit:
            self.warnings.append(f"{key} was cut to {limit} characters")
        return clean[:limit] or None

    def sdk(self) -> Sdk | None:
        value = self.scalar("sdk")
        if value is None:
            return None
        if value.lower() not in list(Sdk):
            raise FrontMatterError(f"unknown sdk {value[:40]!r}.{nearest(value, list(Sdk))} It may be {', '.join(Sdk)}")
        return Sdk(value.lower())

    def version(self, key: str) -> str | None:
        value = self.scalar(key)
        if value is None or value == "latest":
            return None
        if not _VERSION.fullmatch(value):
            raise FrontMatterError(f"{key} must look like 4.44.1, not {value[:40]!r}")
        return value

    def python(self) -> str | None:
        value = self.scalar("python_version")
        if value is None:
            return None
        if not _PYTHON.fullmatch(value):
            raise FrontMatterError(f'python_version must look like "3.11", not {value[:40]!r}')
        if value == "3.1":
            raise FrontMatterError('python_version is 3.1: did you mean "3.10" (quote it)?')
        return value

    def app_file(self) -> str | None:
        value = self.scalar("app_file")
        if value is None:
            return None
        path = PurePosixPath(value)
        if path.is_absolute() or ".." in path.parts or value.startswith("-") or "\0" in value or len(value) > PATH_MAX:
            raise FrontMatterError(f"app_file must be a file inside the repository, not {value[:80]!r}")
        return str(path)

    def thumbnail(self) -> str | None:
        """A file of the repository: a foreign address would tell its owner who looks at our pages."""
        value = self.text("thumbnail", limit=PATH_MAX)
        if value is None:
            return None
        path = PurePosixPath(value.removeprefix("./"))
        if ":" in value or path.is_absolute() or ".." in path.parts or "\\" in value:
            self.warnings.append("thumbnail must be a picture in the repository; it is left out")
            return None
        return str(path)

    def port(self) -> int | None:
        value = self.scalar("app_port")
        if value is None:
            return None
        if not (value.isascii() and value.isdecimal() and 1 <= int(value[:9]) <= 65535):  # noqa: PLR2004 - TCP's range
            raise FrontMatterError(f"app_port must be 1-65535, not {value[:40]!r}")
        return int(value)

    def as_of(self) -> str | None:
        value = self.scalar("dependencies_as_of")
        if value in {None, "sdk", "latest"} or _DATE.fullmatch(value or ""):
            return value
        raise FrontMatterError("dependencies_as_of must be 'sdk', 'latest' or a date such as 2024-06-30")

    def seconds(self, key: str, *, default: float) -> float:
        value = self.scalar(key)
        if value is None:
            return default
        match = _DURATION.fullmatch(value.lower())
        if not match:
            self.warnings.append(f"{key}: {value[:40]!r} is no duration such as 30m; {default / 60:g}m is used")
            return default
        return min(float(match[1]) * _SECONDS[match[2]], 24 * 3600)

    def colour(self, key: str, *, default: str) -> str:
        value = self.values.get(key)
        if value is None or (isinstance(value, str) and value.lower() in COLOURS):
            return (value or default).lower()
        self.warnings.append(f"{key} may be {', '.join(COLOURS)}; {default} is used")
        return default

    def emoji(self) -> str:
        value = self.values.get("emoji")
        if value is None:
            return SpaceCard().emoji
        if isinstance(value, str) and 0 < len(value) <= 12 and not re.search(r"[\w<>&\"'\s]", value):  # noqa: PLR2004 - a family with skin tones has 11 code points
            return value
        self.warnings.append("emoji must be a single emoji; the default is used")
        return SpaceCard().emoji

    def base_path(self) -> str:
        value = self.scalar("base_path")
        if value is None or re.fullmatch(r"/(?!/)[^\s\\]*", value):
            return value or "/"
        self.warnings.append("base_path must start with one '/'; '/' is used")
        return "/"

    def oauth(self) -> SpaceOAuth | None:
        """A limit that cannot be read must not be no limit: what is odd here is refused."""
        if not self.flag("hf_oauth", default=False):
            return None
        minutes = self.scalar("hf_oauth_expiration_minutes") or "480"
        if not (minutes.isascii() and minutes.isdecimal() and 1 <= int(minutes[:9]) <= MINUTES_MAX):
            raise FrontMatterError(f"hf_oauth_expiration_minutes must be 1-{MINUTES_MAX}, not {minutes[:40]!r}")
        return SpaceOAuth(
            scopes=self.scopes(), minutes=int(minutes), organizations=self.names("hf_oauth_authorized_org")
        )

    def scopes(self) -> tuple[str, ...]:
        asked = self.words("hf_oauth_scopes")
        if unknown := [scope for scope in asked if scope not in SCOPES]:
            self.warnings.append(f"hf_oauth_scopes: unknown and left out: {', '.join(unknown)}")
        return tuple(scope for scope in asked if scope in SCOPES)

    def names(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key)
        items = value if isinstance(value, list) else [value] if value else []
        if not all(isinstance(item, str) and _NAME.fullmatch(item) for item in items):
            raise FrontMatterError(f"{key} must be a name or a list of names")
        return tuple(items)

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.values.get(key)
        return value.lower() in {"true", "yes", "on", "1"} if isinstance(value, str) else default

    def words(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key)
        items = value if isinstance(value, list) else [value] if isinstance(value, str) else []
        return tuple(_BIDI.sub("", item)[:60] for item in items[:30] if isinstance(item, str))
