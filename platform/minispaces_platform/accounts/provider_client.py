"""Asking a provider: Authlib's client with limits on how much and how long it may answer."""

import time
from collections.abc import Mapping
from typing import Any

import httpx2
from authlib.integrations.httpx_client import OAuth2Client

from minispaces_platform.errors import MinispacesError

MAX_ANSWER_BYTES = 64 * 1024
TIMEOUT = httpx2.Timeout(10, connect=5)
_WHOLE_SECONDS = 20
"""For one answer: the time-outs above begin anew with every byte."""


class BadAnswerError(Exception):
    """A provider's answer that signs nobody in. Its text is for the log and holds no token."""


class ProviderAwayError(MinispacesError):
    status = 502
    code = "provider_away"


class ProviderClient(OAuth2Client):
    """Reads no more than it should, whatever comes."""

    def send(self, request: httpx2.Request, **kwargs: Any) -> httpx2.Response:
        response = super().send(request, **{**kwargs, "stream": True})
        try:
            body = _limited(response)
        finally:
            response.close()
        plain = [(name, value) for name, value in response.headers.multi_items() if name != "content-encoding"]
        return httpx2.Response(response.status_code, headers=plain, content=body, request=request)


def _limited(response: httpx2.Response) -> bytes:
    """Raises BadAnswerError. Counts what is unpacked, not what is sent."""
    body, deadline = bytearray(), time.monotonic() + _WHOLE_SECONDS
    for chunk in response.iter_bytes(8192):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise BadAnswerError(f"an answer of more than {MAX_ANSWER_BYTES} bytes from {response.url.host}")
        if time.monotonic() > deadline:
            raise BadAnswerError(f"no whole answer within {_WHOLE_SECONDS} seconds from {response.url.host}")
    return bytes(body)


def ask(client: ProviderClient, address: str, *, with_token: bool = False) -> Any:
    """A JSON answer. Raises BadAnswerError; httpx2.HTTPError when there is none."""
    response = client.request(
        "GET", address, withhold_token=not with_token, headers={"Accept": "application/json"}
    )  # fmt: skip
    if response.status_code != httpx2.codes.OK:
        raise BadAnswerError(f"status {response.status_code} from {httpx2.URL(address).host}")
    try:
        return response.json()
    except (ValueError, RecursionError) as error:
        raise BadAnswerError(f"no JSON from {httpx2.URL(address).host}") from error


def ask_object(client: ProviderClient, address: str, *, with_token: bool = False) -> Mapping[str, Any]:
    answer = ask(client, address, with_token=with_token)
    if isinstance(answer, dict):
        return answer
    raise BadAnswerError(f"{type(answer).__name__} in place of an object from {httpx2.URL(address).host}")
