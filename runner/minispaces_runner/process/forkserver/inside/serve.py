"""The fork server's main loop: import once, then one child per request, which leaves the loop as the app."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import threading

from . import become, enter, kernel, warm

_MOST_DESCRIPTORS = 16


def main(sdk: str, level: str, descriptor: str) -> None:
    """Listen only when everything is imported: until then the machine refuses who asks, and nobody waits."""
    warm.warm_up(sdk, int(level), descriptor=descriptor)
    others = [each.name for each in threading.enumerate() if each is not threading.main_thread()]
    if others:
        sys.exit(f"cannot fork: these threads run: {', '.join(others)}")
    gc.collect()
    gc.freeze()
    kernel.give_back_memory()
    become.run(_serve(socket.socket(fileno=int(descriptor))))


def _serve(listener: socket.socket) -> dict[str, object]:
    """Comes back only in a child, as the app."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel takes away who has ended
    listener.listen(64)
    while True:
        connection, _ = listener.accept()
        with connection:
            _, descriptors, _, _ = socket.recv_fds(connection, 64, _MOST_DESCRIPTORS)
            if len(descriptors) >= enter.FEWEST and os.fork() == 0:
                listener.close()
                return enter.enter(connection, descriptors)
            for each in descriptors:
                os.close(each)
