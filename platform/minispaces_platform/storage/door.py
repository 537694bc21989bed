"""Looking into volumes: they are the runner's, which opens a door for reading them."""

import time
from collections.abc import Iterator
from contextlib import closing

import httpx2

from minispaces_contract.storage import Listing
from minispaces_platform.errors import MinispacesError, NotFoundError
from minispaces_platform.settings import PlatformSettings

_TIMEOUT = httpx2.Timeout(20, connect=3)
LONGEST_SECONDS = 4 * 3600
"""A download that takes longer is broken off."""
_CHUNK = 1 << 18


class StorageAwayError(MinispacesError):
    status = 503
    code = "storage_away"
    retry_after = 5


def read_folder(settings: PlatformSettings, storage_id: str, path: str) -> Listing:
    """`path` is quoted, as the runner told it. Raises NotFoundError, StorageAwayError."""
    with closing(_client(settings)) as client, closing(_ask(client, f"/{storage_id}/list", path)) as answer:
        return Listing.model_validate_json(answer.read())


def stream(settings: PlatformSettings, storage_id: str, verb: str, path: str) -> tuple[Iterator[bytes], int | None]:
    """A file's bytes or a folder's zip, and how many they are where that is known. Raises as `read_folder`."""
    client = _client(settings)
    try:
        answer = _ask(client, f"/{storage_id}/{verb}", path)
    except MinispacesError:
        client.close()
        raise
    length = answer.headers.get("content-length")
    return _chunks(client, answer), int(length) if length else None


def _client(settings: PlatformSettings) -> httpx2.Client:
    transport = httpx2.HTTPTransport(uds=str(settings.storage_socket))
    headers = {"Authorization": f"Bearer {settings.internal_token.get_secret_value()}"}
    return httpx2.Client(transport=transport, base_url="http://runner", headers=headers, timeout=_TIMEOUT)


def _ask(client: httpx2.Client, address: str, path: str) -> httpx2.Response:
    try:
        answer = client.send(client.build_request("GET", address, params={"path": path}), stream=True)
    except httpx2.HTTPError:
        raise _away() from None
    if answer.status_code == httpx2.codes.OK:
        return answer
    answer.close()
    if answer.status_code == httpx2.codes.NOT_FOUND:
        raise NotFoundError(
            "There is no such file or folder in this Space's storage.",
            hint="The app may have moved it, or it is a link, which is not followed here.",
        )
    raise _away()


def _away() -> StorageAwayError:
    return StorageAwayError(
        "The storage cannot be read at the moment: the runner does not answer.", hint="Try again in a few seconds."
    )


def _chunks(client: httpx2.Client, answer: httpx2.Response) -> Iterator[bytes]:
    end = time.monotonic() + LONGEST_SECONDS
    with closing(client), closing(answer):
        for chunk in answer.iter_raw(_CHUNK):
            if time.monotonic() > end:
                return
            yield chunk
