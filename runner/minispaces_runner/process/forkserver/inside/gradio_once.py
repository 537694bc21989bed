"""Gradio builds its web app three times: at the end of `with Blocks()`, in `queue()`, and in `launch()`.

Only the last is served. The first two are put off until somebody asks for `.app`; usually nobody does.
"""

from __future__ import annotations

import sys
from typing import Any

import gradio
from gradio import blocks, routes

_KNOWN = range(5, 7)
_PUT_OFF = ("__exit__", "queue")


class _Later:
    def __init__(self, arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
        self.arguments, self.options = arguments, options


def install() -> None:
    """Raises RuntimeError for versions in which nobody has tried it."""
    if int(gradio.__version__.split(".")[0]) not in _KNOWN or hasattr(blocks.Blocks, "app"):
        raise RuntimeError(f"Gradio {gradio.__version__} is not known")
    build = routes.App.create_app

    def build_or_put_off(*arguments: Any, **options: Any) -> Any:
        caller = sys._getframe(1).f_code  # noqa: SLF001  # the only place that tells who asks
        if caller.co_name in _PUT_OFF and caller.co_filename == blocks.__file__:
            return _Later(arguments, options)
        return build(*arguments, **options)

    def get(self: Any) -> Any:
        app = self.__dict__.get("_built_once")
        if app is None:
            raise AttributeError("app")
        if isinstance(app, _Later):
            app = self.__dict__["_built_once"] = build(*app.arguments, **app.options)
        return app

    routes.App.create_app = staticmethod(build_or_put_off)
    blocks.Blocks.app = property(get, lambda self, app: self.__dict__.update(_built_once=app))
