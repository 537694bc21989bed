"""Put beside Gradio into its environments: `import gradio` without writing its type stubs anew.

Gradio compares and rewrites 62 `.pyi` files at every import, which only its own developers need, and which is 35 to
40 % of an app's start (embedded.md section 2). It runs by the apps' own Python, from a `.pth` file: nothing of ours
may be imported here, and whatever goes wrong must leave Gradio as it is.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec

_MODULE, _FUNCTION = "gradio.component_meta", "create_or_modify_pyi"
_KNOWN = ("component_class", "class_name", "events")
"""The arguments in all versions in which this has been tried; others are left alone."""


class _Finder:
    """Steps aside at once when the module is looked for, and sees to it once it has been loaded."""

    @classmethod
    def find_spec(cls, name: str, *_: object) -> object:
        if name != _MODULE:
            return None
        sys.meta_path.remove(cls)  # type: ignore[arg-type]  # a class does as well as an instance
        spec = find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_quickly(module: object) -> None:
                execute(module)  # type: ignore[arg-type]  # a module, by its protocol
                leave_stubs_alone(module)

            spec.loader.exec_module = execute_quickly  # type: ignore[method-assign]  # this loader's only
        return spec


def leave_stubs_alone(module: object) -> None:
    code = getattr(getattr(module, _FUNCTION, None), "__code__", None)
    if code is not None and code.co_varnames[: code.co_argcount] == _KNOWN:
        setattr(module, _FUNCTION, lambda *_, **__: None)


sys.meta_path.insert(0, _Finder)  # type: ignore[arg-type]  # as above
