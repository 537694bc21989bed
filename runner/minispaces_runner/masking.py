"""An app that prints its secrets prints them into logs that others read: there they are dots. Pure."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

from minispaces_contract.messages import DeploymentSpec

DOTS = "••••••••"
_SHORTEST = 6
"""Shorter values would make dots of ordinary words."""

Mask = Callable[[str], str]


def mask_for(spec: DeploymentSpec | None) -> Mask:
    """Replaces every secret of the deployment, also where it is written as base64, in a URL or in JSON."""
    values = [spec.env.get(name, "") for name in spec.secrets] if spec else []
    forms = {form for value in values for form in _forms(value) if len(form) >= _SHORTEST}
    if not forms:
        return lambda line: line
    pattern = re.compile("|".join(map(re.escape, sorted(forms, key=len, reverse=True))))
    return lambda line: pattern.sub(DOTS, line)


def _forms(value: str) -> Iterator[str]:
    yield from value.splitlines()
    yield base64.b64encode(value.encode()).decode().rstrip("=")
    yield base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")
    yield quote(value, safe="")
    yield quote(value)
    yield json.dumps(value)[1:-1]
