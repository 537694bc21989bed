"""A README's front matter as untrusted text: found, sized, parsed, never trusted. What it means is in config.py."""

import difflib
import re
from typing import Any

import yaml

MAX_BYTES = 64 * 1024
MAX_NODES = 2_000
MAX_DEPTH = 20

_OPENING = re.compile(r"\A\ufeff?(?:<!--\s*\n?)?---[ \t]*\n")
_CLOSING = re.compile(r"^---[ \t]*(?:-->)?[ \t]*$", re.MULTILINE)


class FrontMatterError(Exception):
    """Words for the pusher, with the line where it is known."""


def parse(readme: bytes) -> dict[str, Any] | None:
    """The mapping between the `---` lines, every scalar as the text that was written; None where there is none.

    Booleans and numbers stay text (`3.10` is not 3.1, `no` is a title). Raises FrontMatterError.
    """
    text = _decode(readme[: MAX_BYTES + 4096]).replace("\r\n", "\n")
    opening = _OPENING.match(text)
    if not opening:
        return None
    closing = _CLOSING.search(text, opening.end())
    if not closing:
        if len(readme) > MAX_BYTES:
            raise FrontMatterError("the front matter of README.md is larger than 64 kB, or never closed with '---'")
        raise FrontMatterError("README.md line 1: the front matter is opened with '---' but never closed")
    body = text[opening.end() : closing.start()]
    if len(body.encode()) > MAX_BYTES:
        raise FrontMatterError("the front matter of README.md is larger than 64 kB")
    return _mapping(_compose(body), first_line=text[: opening.end()].count("\n") + 1)


def _decode(readme: bytes) -> str:
    try:
        return readme.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start > MAX_BYTES:  # only the cut tail of the sample is broken
            return readme[: error.start].decode("utf-8")
        raise FrontMatterError(
            f"README.md is not UTF-8 (byte {error.start}); save it as UTF-8, without 'Unicode' or UTF-16"
        ) from error


def _compose(body: str) -> yaml.Node | None:
    """YAML's own node tree: no objects are made, no aliases expanded. Raises FrontMatterError."""
    depth = nodes = 0
    try:
        for event in yaml.parse(body, Loader=yaml.SafeLoader):
            nodes += 1
            if isinstance(event, yaml.AliasEvent):
                raise FrontMatterError(_at(event.start_mark) + "aliases (*name) are not allowed in front matter")
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > MAX_DEPTH or nodes > MAX_NODES:
                raise FrontMatterError("the front matter of README.md is too complex")
        return yaml.compose(body, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        problem = (error.problem or "cannot be read").replace("\t", "\\t")
        raise FrontMatterError(_at(error.problem_mark) + f"YAML: {problem}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise FrontMatterError("the front matter of README.md is not valid YAML") from error


def _at(mark: Any, *, first_line: int = 2) -> str:
    return f"README.md line {mark.line + first_line}: " if mark else "README.md: "


def _mapping(node: yaml.Node | None, *, first_line: int) -> dict[str, Any]:
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise FrontMatterError("the front matter of README.md must be a mapping: lines such as `sdk: gradio`")
    seen: dict[str, int] = {}
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + first_line
        if key in seen:
            raise FrontMatterError(f"README.md line {line}: {key!r} is given twice (first in line {seen[key]})")
        seen[key] = line
        values[key] = _value(value_node)
    return values


def _value(node: yaml.Node) -> Any:
    if not node.tag.startswith("tag:yaml.org,2002:") or "python" in node.tag:
        raise FrontMatterError(_at(node.start_mark) + f"unknown tag {node.tag[:60]!r}")
    if isinstance(node, yaml.ScalarNode):
        return None if node.tag.endswith(":null") else str(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item) for item in node.value]
    return {str(key.value): _value(value) for key, value in node.value}


def nearest(word: str, choices: list[str]) -> str:
    """` Did you mean x?`, or nothing."""
    close = difflib.get_close_matches(word.lower(), choices, n=1)
    return f" Did you mean {str(close[0])!r}?" if close else ""
