"""What no linter checks about the house: its walls, its sizes, its words."""

import ast
import platform
import re
import subprocess
import sysconfig
from functools import cache
from pathlib import Path

import env_example
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("platform", "builder", "runner")
MODULE_LINES = 300
FUNCTION_LINES = 30
EMPTY_NAMES = re.compile(r"(^|_)(utils?|helpers?|managers?|misc|common)(_|$)")
SHELLS = {"system", "popen", "getoutput", "getstatusoutput", "create_subprocess_shell"}


@cache
def our_files() -> list[Path]:
    """Tracked ones and new ones, without what git ignores."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    return [path for name in names if name and (path := ROOT / name).is_file()]


def our_modules() -> list[Path]:
    return [path for path in our_files() if path.suffix == ".py"]


@cache
def tree_of(module: Path) -> ast.Module:
    return ast.parse(module.read_bytes())


def place(module: Path, node: ast.AST) -> str:
    return f"{module.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def test_the_standard_library_keeps_its_platform():
    assert Path(platform.__file__).parent == Path(sysconfig.get_path("stdlib"))


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_a_folder_and_no_package(room):
    assert (ROOT / room).is_dir()
    assert not (ROOT / room / "__init__.py").exists()


def test_every_module_can_be_read_in_one_sitting():
    read = [path for path in our_modules() if "migrations" not in path.parts]  # those are written once, by a program
    long = [str(path.relative_to(ROOT)) for path in read if path.read_bytes().count(b"\n") > MODULE_LINES]
    assert not long, "\n".join(["too long:", *long])


def _lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Without the docstring, which may be as long as the trap that it describes."""
    has_words = ast.get_docstring(function, clean=False) is not None
    words = function.body[0] if has_words else None
    spent = 0 if words is None else (words.end_lineno or 0) - words.lineno + 1
    return (function.end_lineno or 0) - function.lineno + 1 - spent


def test_every_function_fits_a_screen():
    long = [
        f"{place(module, node)} {node.name}"
        for module in our_modules()
        if ROOT / "migrations" not in module.parents  # lists of columns
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _lines_of(node) > FUNCTION_LINES
    ]
    assert not long, "\n".join(["too long:", *long])


def test_every_file_says_in_its_name_what_it_is_for():
    assert [str(path.relative_to(ROOT)) for path in our_modules() if EMPTY_NAMES.search(path.stem)] == []


def _uses_a_shell(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    asks = any(word.arg == "shell" and getattr(word.value, "value", True) for word in node.keywords)
    return asks or (name in SHELLS and isinstance(node.func, ast.Attribute) and not _is_platform_system(node.func))


def _is_platform_system(function: ast.Attribute) -> bool:
    return isinstance(function.value, ast.Name) and function.value.id == "platform"


def test_nothing_is_ever_handed_to_a_shell():
    calls = [place(path, node) for path in our_modules() for node in ast.walk(tree_of(path)) if _uses_a_shell(node)]
    assert calls == []


def test_no_file_names_the_place_where_it_was_written():
    here = str(ROOT).encode()
    assert [str(path.relative_to(ROOT)) for path in our_files() if here in path.read_bytes()] == []


def test_every_setting_stands_in_the_example_with_its_default():
    assert env_example.TARGET.read_text() == env_example.render(), "run `make env`"


@pytest.mark.parametrize("room", ROOMS)
def test_the_team_installation_hands_every_setting_to_its_room(room):
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    settings = [env_example.ServiceSettings, env_example.ROOMS[f"The {room}"]]
    wanted = {variable.name for kind in settings for variable in env_example.own_variables(kind)}
    assert set(compose["services"][room]["environment"]) == wanted


def test_only_the_platform_is_told_where_the_database_is():
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    told = {name for name, service in services.items() if "MINISPACES_DATABASE_URL" in service.get("environment", {})}
    assert told == {"platform"}
