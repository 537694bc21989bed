"""The last step: everything in this process that still is the server's becomes the app's, and the app runs."""

from __future__ import annotations

import importlib
import io
import os
import random
import sys
import time
import types
from pathlib import Path
from typing import Any

from . import kernel

_CUSTOMISED = ("sitecustomize", "usercustomize")
"""Python looks for these when it starts, which was before the app was there."""


def shadowed(request: dict[str, Any]) -> str | None:
    """A file beside the program whose name is that of something loaded: a plain start would take the file."""
    loaded = {*sys.modules, *_CUSTOMISED} - {"__main__"}
    home = Path(request["cwd"])
    for folder in {home, (home / request["file"]).parent}:
        for entry in folder.iterdir() if folder.is_dir() else ():
            is_package = entry.suffix != ".py" and (entry / "__init__.py").exists()
            if (entry.suffix == ".py" and entry.stem in loaded) or (is_package and entry.name in loaded):
                return str(entry.name)
    return None


def run(request: dict[str, Any]) -> None:
    """Ends as the program ends."""
    _be_it(request)
    if request["module"] is None:
        _run_program(request["argv"][0])
    else:
        sys.exit(importlib.import_module(request["module"]).main())


def _be_it(request: dict[str, Any]) -> None:
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    sys.argv = list(request["argv"])
    sys.orig_argv = ["python", *sys.argv]
    kernel.show_as(sys.orig_argv)
    _forget_folders(request["cwd"])
    sys.path[0] = str(Path(sys.argv[0]).absolute().parent)
    _forget_chance()
    _open_streams(unbuffered="PYTHONUNBUFFERED" in request["env"])
    main = types.ModuleType("__main__")
    main.__dict__.update(__builtins__=__builtins__, __cached__=None)
    sys.modules["__main__"] = main
    for name in [each for each in sys.modules if each.split(".")[0] == __package__]:
        del sys.modules[name]


def _forget_folders(folder: str) -> None:
    """What has been remembered of a file system that was another."""
    import multiprocessing.process
    import tempfile

    multiprocessing.process.ORIGINAL_DIR = folder  # type: ignore[attr-defined]  # read by `spawn` only
    tempfile.tempdir = None
    sys.path_importer_cache.clear()
    importlib.invalidate_caches()


def _forget_chance() -> None:
    """Children of one server must not draw the same numbers; Python sees to its own, numpy does not."""
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


def _open_streams(*, unbuffered: bool) -> None:
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        whole = name == "stderr" or unbuffered
        raw = io.FileIO(descriptor, "w", closefd=False)
        buffer: Any = raw if unbuffered else io.BufferedWriter(raw)
        errors = "backslashreplace" if name == "stderr" else getattr(sys, name).errors
        stream = io.TextIOWrapper(buffer, "utf-8", errors, line_buffering=name == "stderr", write_through=whole)
        stream.mode = "w"  # type: ignore[misc]  # as Python's own
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _run_program(path: str) -> None:
    """As `python PATH`: an error's traceback begins in the app's own file."""
    main = sys.modules["__main__"]
    main.__file__ = path
    try:
        with io.open_code(path) as file:
            source = file.read()
        exec(compile(source, path, "exec"), main.__dict__)  # noqa: S102  # the app itself
    except Exception as error:  # noqa: BLE001  # the last place, where Python itself would print it
        trace = error.__traceback__
        while trace and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        sys.exit(1)
