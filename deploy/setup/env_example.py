"""Write deploy/env.example from the settings classes."""

import ast
import inspect
import textwrap
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from minispaces_builder.settings import BuilderSettings
from minispaces_contract.settings import ServiceSettings
from minispaces_platform.settings import PlatformSettings
from minispaces_runner.settings import RunnerSettings

TARGET = Path(__file__).resolve().parents[1] / "env.example"
ROOMS: dict[str, type[BaseSettings]] = {
    "Every room": ServiceSettings,
    "The platform": PlatformSettings,
    "The builder": BuilderSettings,
    "The runner": RunnerSettings,
}
_HEAD = """\
# Every setting with its default. Written by `make env`; a test keeps it current.
# For the team installation: copy it to `.env` beside docker-compose.yml and change what you need.
"""


class Variable(NamedTuple):
    name: str
    default: str
    words: str


INSTALLATION = (
    Variable("POSTGRES_PASSWORD", "", "Must be set before the first start; the platform's database asks for it."),
    Variable("MINISPACES_INSTALLATION", "main", "A word that differs where several installations share one engine."),
    Variable("MINISPACES_IMAGE", "minispaces:latest", "Our image, as `docker build -f deploy/Dockerfile .` names it."),
    Variable("MINISPACES_POSTGRES_IMAGE", "postgres:16", ""),
    Variable("MINISPACES_REDIS_IMAGE", "redis:7", ""),
    Variable("MINISPACES_PROXY_IMAGE", "haproxy:2.8", "HAProxy 2.6 or newer; our own image has one as well."),
    Variable("MINISPACES_DOCKER_SOCKET", "/var/run/docker.sock", "The engine that builds and runs the apps."),
)
"""What only docker-compose.yml reads."""


def _comments(settings: type[BaseSettings]) -> dict[str, str]:
    """The string under each field: Python itself forgets it."""
    body = ast.parse(textwrap.dedent(inspect.getsource(settings))).body[0]
    assert isinstance(body, ast.ClassDef)
    found: dict[str, str] = {}
    for field, words in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(words, ast.Expr) and isinstance(words.value, ast.Constant):
            found[ast.unparse(field.target)] = " ".join(str(words.value.value).split())
    return found


def _written(value: Any) -> str:
    if value is None or value == ():
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value).lower() if isinstance(value, bool) else str(value)


def _choices(annotation: Any) -> str:
    return f" One of: {', '.join(get_args(annotation))}." if get_origin(annotation) is Literal else ""


def _variable(name: str, field: FieldInfo, words: str) -> Variable:
    said = (words + _choices(field.annotation)).strip()
    return Variable(f"MINISPACES_{name.upper()}", _written(field.default), said)


def own_variables(settings: type[BaseSettings]) -> list[Variable]:
    """Those that the class itself adds."""
    inherited = {name for base in settings.__mro__[1:] for name in getattr(base, "model_fields", {})}
    words = _comments(settings)
    return [
        Variable(
            f"MINISPACES_{name.upper()}",
            _written(field.default),
            (words.get(name, "") + _choices(field.annotation)).strip(),
        )
        for name, field in settings.model_fields.items()
        if name not in inherited
    ]


def _section(title: str, variables: list[Variable]) -> str:
    lines = ["", f"# {title}", ""]
    for variable in variables:
        lines += [f"# {line}" for line in textwrap.wrap(variable.words, 110)]
        lines.append(f"#{variable.name}={variable.default}")
    return "\n".join(lines) + "\n"


def render() -> str:
    """A variable that two rooms read stands with the first: of two lines in one file the last would count."""
    seen: set[str] = set()
    sections: list[str] = []
    for title, settings in ROOMS.items():
        new = [variable for variable in own_variables(settings) if variable.name not in seen]
        seen |= {variable.name for variable in new}
        sections.append(_section(title, new))
    return _HEAD + _section("The team installation (docker-compose.yml)", list(INSTALLATION)) + "".join(sections)


if __name__ == "__main__":
    TARGET.write_text(render())
