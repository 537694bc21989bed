"""What a running app says of its API: asked through the proxy, with a deadline, and remembered for its deployment.

Whatever it answers was written by strangers: cut, parsed, and kept only as far as it looks like an API.
"""

import json
import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import anyio
import httpx2

from minispaces_platform.deployments.world import host_of
from minispaces_platform.edge.own_pass import own_pass
from minispaces_platform.edge.passes import NoPassesError
from minispaces_platform.parts import Parts
from minispaces_platform.spaces.queries import SpaceNow

DEADLINE_SECONDS = 3
MAX_BYTES = 512 * 1024
MAX_ENDPOINTS, MAX_PARAMETERS = 20, 30
_REMEMBERED = 500
_ENDPOINT = re.compile(r"/[A-Za-z0-9_./-]{0,80}")
_ROUTE = re.compile(r"/[A-Za-z0-9_./{}:-]{0,120}")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}")
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: str
    example: str
    """As JSON."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Of Gradio: `name` begins with a slash. Of an OpenAPI description: `name` is a path."""

    name: str
    method: str
    summary: str
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True)
class AppApi:
    kind: Literal["gradio", "openapi", "none"]
    endpoints: tuple[Endpoint, ...] = ()
    prefix: str = ""
    """What Gradio's own addresses begin with; empty before Gradio 5."""


NOTHING = AppApi("none")
_known: OrderedDict[str, tuple[AppApi, float]] = OrderedDict()
_GOOD_SECONDS = {"gradio": 86_400, "openapi": 86_400, "none": 30}
"""An app that says nothing may only be slow."""


async def api_of(parts: Parts, now: SpaceNow) -> AppApi:
    """Nothing where no app serves, or where it does not say in time."""
    if now.serving is None:
        return NOTHING
    known, until = _known.get(now.serving.id, (NOTHING, 0.0))
    if time.monotonic() < until:
        return known
    found = await _ask(parts, now)
    _known[now.serving.id] = found, time.monotonic() + _GOOD_SECONDS[found.kind]
    while len(_known) > _REMEMBERED:
        _known.popitem(last=False)
    return found


async def _ask(parts: Parts, now: SpaceNow) -> AppApi:
    try:
        headers = {"Host": host_of(now.space, parts.settings), "User-Agent": "Minispaces", **_key(parts, now)}
    except NoPassesError:
        return NOTHING
    transport = httpx2.AsyncHTTPTransport(uds=str(parts.settings.apps_socket), verify=False)  # a socket: no TLS
    with anyio.move_on_after(DEADLINE_SECONDS):
        async with httpx2.AsyncClient(transport=transport, base_url="http://app", headers=headers) as http:
            config = await _get(http, "/config")
            if "version" in config and "components" in config:
                prefix = str(config.get("api_prefix") or "")
                prefix = prefix if _ENDPOINT.fullmatch(prefix) else ""
                return AppApi("gradio", gradio_endpoints(await _get(http, f"{prefix}/info")), prefix)
            if endpoints := openapi_endpoints(await _get(http, "/openapi.json")):
                return AppApi("openapi", endpoints)
    return NOTHING


def _key(parts: Parts, now: SpaceNow) -> dict[str, str]:
    """The proxy takes it off again: the app does not see it. Raises NoPassesError."""
    host = host_of(now.space, parts.settings)
    found = own_pass(now.space, parts.settings, host=host, seconds=60)
    return {"Authorization": f"Bearer {found}"} if found else {}


async def _get(http: httpx2.AsyncClient, path: str) -> Mapping[str, Any]:
    """Empty for whatever is not a small JSON object."""
    data = b""
    try:
        async with http.stream("GET", path) as answer:
            if answer.status_code != httpx2.codes.OK:
                return {}
            async for chunk in answer.aiter_bytes(1 << 14):
                data += chunk
                if len(data) > MAX_BYTES:
                    return {}
        found = json.loads(data)
    except (httpx2.HTTPError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def gradio_endpoints(info: Mapping[str, Any]) -> tuple[Endpoint, ...]:
    """Pure, and of anything at all."""
    named = info.get("named_endpoints")
    pairs = list(named.items())[:MAX_ENDPOINTS] if isinstance(named, dict) else []
    return tuple(
        Endpoint(name, "POST", "", tuple(_parameters(each.get("parameters"))))
        for name, each in pairs
        if isinstance(each, dict) and _ENDPOINT.fullmatch(name)
    )


def _parameters(found: object) -> list[Parameter]:
    rows = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
    return [
        Parameter(name, _type(row), json.dumps(row.get("example_input", row.get("parameter_default")))[:500])
        for at, row in enumerate(rows[:MAX_PARAMETERS])
        for name in [_name(row.get("parameter_name"), at)]
    ]


def _name(said: object, at: int) -> str:
    return said if isinstance(said, str) and _WORD.fullmatch(said) else f"param_{at}"


def _type(row: Mapping[str, Any]) -> str:
    python = row.get("python_type")
    return str(python.get("type", ""))[:60] if isinstance(python, dict) else ""


def openapi_endpoints(description: Mapping[str, Any]) -> tuple[Endpoint, ...]:
    """Pure, and of anything at all."""
    paths = description.get("paths")
    found = [
        Endpoint(path, method.upper(), str(operation.get("summary", ""))[:100])
        for path, methods in (paths.items() if isinstance(paths, dict) else ())
        if isinstance(path, str) and _ROUTE.fullmatch(path) and isinstance(methods, dict)
        for method, operation in methods.items()
        if method in _METHODS and isinstance(operation, dict)
    ]
    return tuple(found[:MAX_ENDPOINTS])
