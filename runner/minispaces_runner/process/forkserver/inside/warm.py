"""What a fork server does before it forks: import what every app of its SDK imports, and live through one start.

Level 1 imports; level 2 starts a small app and ends it; level 3 also spares the apps what Gradio does three times, and
Streamlit finds the same at each start. A level that fails leaves traces, so the level below begins in a fresh process.
"""

from __future__ import annotations

import importlib
import os
import sys
import threading
import time

_USUAL = {
    "streamlit": ("streamlit.web.cli", "streamlit.web.bootstrap", "numpy", "pandas", "pyarrow", "altair"),
    "gradio": ("gradio.routes", "numpy", "multiprocessing.process"),
}
_UVICORN = (
    "uvicorn.protocols.http.auto", "uvicorn.protocols.websockets.auto", "uvicorn.lifespan.on", "uvicorn.loops.auto",
)  # fmt: skip
_ONCE = """import sys; sys.path.insert(0, "/run/minispaces")
from minispaces_forkserver.serve import main; main(*sys.argv[1:])"""


def warm_up(sdk: str, level: int, *, descriptor: str) -> None:
    """`descriptor` is for whoever takes over in a fresh process. Exits where the SDK itself cannot be imported."""
    importlib.import_module(sdk)
    _import_some(*_USUAL[sdk], *_UVICORN)
    if level > 1:
        _rehearse(sdk, level, descriptor)
    _say(f"warm: {sdk}, level {level}")


def _rehearse(sdk: str, level: int, descriptor: str) -> None:
    try:
        rehearsal = importlib.import_module(f".{sdk}_rehearsal", __package__)
        rehearsal.rehearse(once=level > 2)  # noqa: PLR2004  # the level's own number
        _await_threads()
    except Exception as error:  # noqa: BLE001  # whatever a foreign version does: the level below does without
        _say(f"level {level} failed: {type(error).__name__}: {error}")
        os.execv(sys.executable, [sys.executable, "-c", _ONCE, sdk, str(level - 1), descriptor])  # noqa: S606


def _await_threads() -> None:
    deadline = time.monotonic() + 5
    while threading.active_count() > 1:
        if time.monotonic() > deadline:
            raise RuntimeError(f"threads stay: {[each.name for each in threading.enumerate()]}")
        time.sleep(0.01)


def _import_some(*names: str) -> None:
    """Those that are installed, and of those the ones that work."""
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:  # noqa: BLE001  # a foreign package may raise anything
            _say(f"not warmed: {name}: {error}")


def _say(words: str) -> None:
    """To the server's own log, which the runner reads."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()
