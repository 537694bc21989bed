"""What the Gradio and Streamlit recipes share: recognising a program, and the environment of a Space."""

import re

from minispaces_builder.recipes.plan import Files, source_of

ENV = {
    "SYSTEM": "spaces",
    "HOME": "/home/user",
    "PYTHONPATH": "/home/user/app",
    "PYTHONUNBUFFERED": "1",
    "TQDM_POSITION": "-1",
    "TQDM_MININTERVAL": "1",
    "FORWARDED_ALLOW_IPS": "*",
}
"""hf-compat 2.4: the variables of every SDK image."""


def imports(files: Files, name: str, *, package: str) -> bool:
    pattern = rf"^[ \t]*(?:from|import)[ \t]+(?:[\w., \t]*\b)?{package}\b"
    return re.search(pattern, source_of(files, name), re.MULTILINE) is not None


def requires(files: Files, package: str) -> bool:
    """Whether requirements.txt names the package; UTF-16 shows up as text with NUL bytes in between."""
    if "requirements.txt" not in files.names:
        return False
    text = source_of(files, "requirements.txt").replace("\0", "")
    return re.search(rf"^\s*{package}\b", text, re.MULTILINE | re.IGNORECASE) is not None


def lone_program(files: Files, *, package: str) -> str | None:
    """The only Python file at the top, if it imports the package."""
    top = [name for name in files.names if name.endswith(".py") and "/" not in name]
    return top[0] if len(top) == 1 and imports(files, top[0], package=package) else None
