"""Handing a token to git's own credential helper, the way git asks for it."""

import subprocess


def has_helper() -> bool:
    """Without one git forgets what it is told."""
    return bool(_git("config", "--get-all", "credential.helper").stdout.strip())


def remember(url: str, name: str, token: str) -> None:
    _git("credential", "approve", said=_description(url, name, token))


def forget(url: str, name: str) -> None:
    _git("credential", "reject", said=_description(url, name))


def _description(url: str, name: str, token: str = "") -> str:
    password = f"password={token}\n" if token else ""
    return f"url={url}\nusername={name}\n{password}\n"


def _git(*words: str, said: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["git", *words], input=said, text=True, capture_output=True, timeout=60)
