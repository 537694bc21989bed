"""Write `.env` for the team installation: secrets of its own, everything else at its default. Never overwrites one."""

import os
import secrets
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[1] / "env.example"
TARGET = EXAMPLE.parents[1] / ".env"
SECRETS = ("POSTGRES_PASSWORD", "MINISPACES_INTERNAL_TOKEN", "MINISPACES_EDGE_KEY")


def fill(example: str) -> str:
    """The example with a new value for every secret. Raises LookupError when it lacks one of them."""
    for name in SECRETS:
        if f"\n#{name}=\n" not in example:
            raise LookupError(name)
        example = example.replace(f"\n#{name}=\n", f"\n{name}={secrets.token_urlsafe(32)}\n")
    return example


def main() -> None:
    try:
        descriptor = os.open(TARGET, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(fill(EXAMPLE.read_text()))
    print(f"Wrote {TARGET.name} with new secrets; the domain and everything else can be set there.", file=sys.stderr)


if __name__ == "__main__":
    main()
