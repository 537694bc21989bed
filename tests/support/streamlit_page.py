"""A browser's side of Streamlit, as far as a test needs it: real frames over its WebSocket."""

import time
from contextlib import suppress

from websockets.sync.client import connect

_RERUN = bytes([0x5A, 0x00])
"""BackMsg { rerun_script: {} }: field 11, empty."""


def page_until(url: str, words: str, *, seconds: float = 60) -> bytes:
    """What the server sends for a first visit until `words` come. `url` is the app's, with http."""
    address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
    deadline, seen = time.monotonic() + seconds, b""
    with connect(address, subprotocols=["streamlit"], origin=url, proxy=None, max_size=None) as socket:
        socket.send(_RERUN)
        with suppress(TimeoutError):
            while words.encode() not in seen:
                frame = socket.recv(timeout=deadline - time.monotonic())
                seen += frame if isinstance(frame, bytes) else frame.encode()
    return seen
