"""`@spaces.GPU` for apps: each call takes a lease of a shared GPU and gives it back.

Minispaces puts this folder before an app's own packages where its hardware is a shared GPU. Whatever else the
installed `spaces` package offers is still had from here. Runs in any app: plain Python, from 3.8 on.
"""

import importlib.machinery
import importlib.util
import os
import sys

from spaces._lease import GPU

__all__ = ["GPU", "gradio_auto_wrap"]

_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def gradio_auto_wrap(task):
    """Gradio asks for it of every function, also in apps that never heard of this package."""
    return task


def _installed():
    """The package of that name among the app's own, under another one; None without."""
    if "_installed_spaces" not in sys.modules:
        elsewhere = [path for path in sys.path if os.path.abspath(path) != _HERE]
        spec = importlib.machinery.PathFinder.find_spec("spaces", elsewhere)
        if spec is None or spec.origin is None:
            return None
        spec = importlib.util.spec_from_file_location(
            "_installed_spaces", spec.origin, submodule_search_locations=spec.submodule_search_locations
        )
        module = importlib.util.module_from_spec(spec)
        sys.modules["_installed_spaces"] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules["_installed_spaces"]
            raise
    return sys.modules["_installed_spaces"]


def __getattr__(name):
    installed = None if name.startswith("__") else _installed()
    if installed is None or not hasattr(installed, name):
        raise AttributeError(f"module 'spaces' has no attribute {name!r}")
    return getattr(installed, name)
