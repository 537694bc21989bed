"""When each version of an SDK was released, from the package index; kept on disk."""

import json
import ssl
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx2
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from minispaces_builder.package_index import PackageIndex

_FORMAT = "application/vnd.pypi.simple.v1+json"
_MAX_BYTES = 64_000_000
_REFRESH_SECONDS = 600
DATE_MARGIN = timedelta(days=45)
DATE_FLOOR = date(2023, 3, 1)
"""Measured on real old Spaces (real-demos section 4): 45 days lets an SDK's own first fixes in."""


class Releases:
    def __init__(self, index: PackageIndex, folder: Path) -> None:
        self._index, self._folder = index, folder

    def dates(self, project: str, *, wanted: str) -> dict[str, date] | None:
        """Upload dates by version; None when the index does not tell. Asked again only when `wanted` is not known."""
        path = self._folder / f"{project}.json"
        with suppress(OSError, ValueError):
            known = {version: date.fromisoformat(day) for version, day in json.loads(path.read_text()).items()}
            if find_version(wanted, known) or time.time() - path.stat().st_mtime < _REFRESH_SECONDS:
                return known
        try:
            fresh = release_dates(_fetch(self._index, project))
        except (httpx2.HTTPError, OSError, ValueError):
            return None
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({version: day.isoformat() for version, day in fresh.items()}))
        return fresh


def find_version(wanted: str, known: dict[str, date]) -> str | None:
    """The release that was meant: the same version, or for `3.2` the newest `3.2.*` (a number in YAML loses zeros)."""
    try:
        exact = Version(wanted)
    except InvalidVersion:
        return None
    same = [version for version in known if Version(version) == exact]
    series = [v for v in known if Version(v).release[: len(exact.release)] == exact.release]
    return same[0] if same else newest_version(series)


def newest_version(versions: Iterable[str]) -> str | None:
    final = [version for version in versions if not Version(version).is_prerelease]
    return max(final, key=Version, default=None)


def as_of_release(day: date, *, today: date) -> date | None:
    """What open dependencies may be resolved to; None when that is today anyway."""
    limit = max(day + DATE_MARGIN, DATE_FLOOR)
    return limit if limit < today else None


def release_dates(page: dict[str, Any]) -> dict[str, date]:
    """The first upload of each version in a project page of the simple API (PEP 691, 700)."""
    dates: dict[str, date] = {}
    for file in page.get("files", []):
        version, uploaded = _version_of(file["filename"]), file.get("upload-time")
        if version and uploaded:
            day = date.fromisoformat(uploaded[:10])
            dates[version] = min(day, dates.get(version, day))
    return dates


def _version_of(filename: str) -> str | None:
    try:
        parse = parse_wheel_filename if filename.endswith(".whl") else parse_sdist_filename
        return str(parse(filename)[1])
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None


def _fetch(index: PackageIndex, project: str) -> dict[str, Any]:
    verify = ssl.create_default_context(cafile=index.certificates) if index.certificates else True
    with (
        httpx2.Client(verify=verify, timeout=15, follow_redirects=True) as http,
        http.stream("GET", f"{index.url.rstrip('/')}/{project}/", headers={"Accept": _FORMAT}) as answer,
    ):
        body = b""
        for chunk in answer.raise_for_status().iter_bytes():
            body += chunk
            if len(body) > _MAX_BYTES:
                raise ValueError("project page too large")
    return dict(json.loads(body))
