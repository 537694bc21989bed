"""What is written is held against what is there: commands, targets, settings, words, codes, files, links."""

import ast
import inspect
import re
import shlex
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperCommand, TyperGroup

from minispaces_contract import states
from minispaces_platform.cli import app

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("platform", "builder", "runner")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / room / "README.md" for room in ROOMS)])
FENCE = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")
COMMAND = re.compile(r"(?:^|\s|/)minispaces ([a-z-].*)")
SETTING = re.compile(r"\b(?:MINISPACES_[A-Z0-9_]+|POSTGRES_PASSWORD)\b")
FILE = re.compile(r"(?:platform|builder|runner|deploy|docs|migrations|tests|minispaces_\w+)/[\w./-]*\.\w+")

Command = TyperCommand | TyperGroup

on_every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def code_of(page: Path) -> Iterator[str]:
    """Lines of code blocks without their comments, and code within sentences."""
    text = page.read_text()
    for block in FENCE.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            yield line.split(" #")[0]
    yield from INLINE.findall(FENCE.sub("", text))


@cache
def command_line() -> TyperGroup:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return group


def commands(group: TyperGroup, *above: str) -> Iterator[tuple[str, Command]]:
    """Every command with the words that call it."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, *above, name)
        else:
            yield " ".join((*above, name)), command


def options_of(command: Command) -> set[str]:
    return {"--help", *(option for each in command.params for option in (*each.opts, *each.secondary_opts))}


def unknown_words(words: list[str]) -> list[str]:
    """What of a written command the command line does not have."""
    command: Command = command_line()
    while isinstance(command, TyperGroup) and words and not words[0].startswith("-"):
        if words[0] not in command.commands:
            return words[:1]
        command, words = command.commands[words[0]], words[1:]
    given = [word.split("=")[0] for word in words if word.startswith("--")]
    return [word for word in given if word not in options_of(command)]


@on_every_page
def test_every_command_that_a_page_names_exists(page):
    written = [found[1] for code in code_of(page) if (found := COMMAND.search(code))]
    assert {line: unknown for line in written if (unknown := unknown_words(shlex.split(line)))} == {}


@on_every_page
def test_every_option_that_stands_alone_is_one_of_ours(page):
    known = {option for _, command in commands(command_line()) for option in options_of(command)}
    alone = {code.split()[0] for code in INLINE.findall(page.read_text()) if re.match(r"--[a-z]", code)}
    foreign = {"--pre", "--extra-index-url", "--find-links", "--no-cache-dir", "--network=host", "--security=insecure"}
    assert alone - known - foreign == set()


@pytest.mark.parametrize(("name", "command"), list(commands(command_line())))
def test_every_command_and_option_is_explained(name, command):
    text = "\n".join(page.read_text() for page in PAGES)
    options = {option for option in options_of(command) if option.startswith("--") and option != "--help"}
    wanted = {f"minispaces {name}", *options}
    assert {words for words in wanted if not re.search(rf"{re.escape(words)}\b", text)} == set()


@on_every_page
def test_every_make_target_that_a_page_names_exists(page):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    written = [found[1] for code in code_of(page) if (found := re.match(r"\s*make ([a-z]+)\b", code))]
    assert set(written) - targets == set()


@on_every_page
def test_every_setting_that_a_page_names_exists(page):
    known = re.findall(r"^#?([A-Z0-9_]+)=", (ROOT / "deploy" / "env.example").read_text(), re.MULTILINE)
    assert set(SETTING.findall(page.read_text())) - set(known) == set()


@on_every_page
def test_every_file_that_a_page_names_exists(page):
    written = {code for code in INLINE.findall(FENCE.sub("", page.read_text())) if FILE.fullmatch(code)}
    never = {"platform/__init__.py"}  # named because it may not be there
    assert {name for name in written - never if not is_there(name, page)} == set()


def is_there(name: str, page: Path) -> bool:
    """From the root, from a room, or from the page itself."""
    return any((place / name).exists() for place in (ROOT, *(ROOT / room for room in ROOMS), page.parent))


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_on_the_map_of_a_room_exists(room):
    maps = "\n".join(FENCE.findall((ROOT / room / "README.md").read_text()))
    written = set(re.findall(r"[\w/]+\.py\b", maps))
    assert written
    assert {name for name in written if not any((ROOT / room).rglob(name))} == set()


@on_every_page
def test_every_link_within_the_house_leads_somewhere(page):
    links = [first or second for first, second in LINK.findall(FENCE.sub("", page.read_text()))]
    inside = [link for link in links if "://" not in link]
    assert [link for link in inside if not leads_somewhere(page, link)] == []


def leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    return target.exists() and (not anchor or anchor in anchors(target))


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    "closed", [kind for _, kind in inspect.getmembers(states, inspect.isclass) if kind.__module__ == states.__name__]
)
def test_the_glossary_explains_every_word_of_a_closed_set(closed: type[StrEnum]):
    text = (ROOT / "docs" / "glossary.md").read_text()
    section = re.search(rf"^### {closed.__name__}\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"docs/glossary.md has no section {closed.__name__}"
    assert re.findall(r"^\| `(\w+)` \| \S", section[1], re.MULTILINE) == [word.value for word in closed]


def test_every_code_of_a_refused_push_is_explained():
    modules = (ROOT / "platform" / "minispaces_platform" / "repos").glob("*.py")
    constants = [node for module in modules for node in ast.walk(ast.parse(module.read_bytes()))]
    codes = {str(node.value) for node in constants if isinstance(node, ast.Constant)}
    explained = re.findall(r"^\| `(E_\w+)` \|", (ROOT / "docs" / "pushing.md").read_text(), re.MULTILINE)
    assert set(explained) == {code for code in codes if re.fullmatch(r"E_[A-Z_]+", code)}


def test_every_decision_is_listed():
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text())
    assert listed == sorted(path.name for path in folder.glob("0*.md"))
