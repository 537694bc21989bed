"""Gradio's type stubs are left alone, in the versions that are known; a package that is made like Gradio stands in."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from minispaces_builder import quick_gradio
from minispaces_builder.environments import Environment
from minispaces_builder.interpreter import Interpreter
from minispaces_builder.lockfiles import Lock

META = "def create_or_modify_pyi({arguments}):\n    print('written')\n"
USE = "import site; site.addsitedir({folder!r}); import gradio; from gradio import other"


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [("component_class, class_name, events", "after\n"), ("component_class, class_name", "written\nafter\n")],
)
def test_stubs_are_left_alone_where_they_are_written_as_known(tmp_path, arguments, printed):
    assert said(tmp_path, arguments) == printed


def said(folder: Path, arguments: str) -> str:
    package = folder / "gradio"
    package.mkdir()
    names = arguments.replace(", ", " = None, ") + " = None"
    (package / "__init__.py").write_text(f"from gradio.component_meta import create_or_modify_pyi as f\nf({names})\n")
    (package / "component_meta.py").write_text(META.format(arguments=arguments))
    (package / "other.py").write_text("print('after')\n")
    shutil.copy(quick_gradio.__file__, folder / "minispaces_quick_gradio.py")
    (folder / "minispaces_quick_gradio.pth").write_text("import minispaces_quick_gradio\n")
    argv = [sys.executable, "-I", "-c", USE.format(folder=str(folder))]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def test_only_environments_with_gradio_get_it():
    python = Interpreter("/usr/bin/python3", "3.11.2")
    keys = [Environment(python, Lock(text)).additions.keys() for text in ("gradio==6.31.0\n", "gradio-client==2\n")]
    assert [list(each) for each in keys] == [["minispaces_quick_gradio.py"], []]
