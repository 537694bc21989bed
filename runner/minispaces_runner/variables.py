"""The environment variables that an app is given."""

from collections.abc import Mapping

from minispaces_runner.engine import EngineError


def checked_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Raises EngineError for what no process can be given."""
    for name, value in variables.items():
        if not name or "=" in name or "\0" in name + value:
            raise EngineError(f"The variable {name!r} cannot be set: a name may hold no '=', and neither a NUL byte.")
    return dict(variables)
