"""The first demo, deployed the way every other is: by `git push`."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from minispaces_platform.accounts import service as accounts
from minispaces_platform.accounts import tokens
from minispaces_platform.accounts.secrets import digest
from minispaces_platform.audit import service as audit
from minispaces_platform.database import Database
from minispaces_platform.models import Space
from minispaces_platform.models.accounts import AccessToken, User
from minispaces_platform.models.scopes import Scope
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.spaces.service import find_space

OWNER, NAME = "minispaces", "welcome"


def source() -> Path:
    """Beside the package in an installed wheel, under deploy/ in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "welcome"
    return installed if installed.exists() else package.parents[1] / "deploy" / "welcome"


def is_wanted(database: Database) -> bool:
    """Only on an installation that has nothing yet."""
    with database.reading() as session:
        return session.scalar(select(Space.id).limit(1)) is None


def url_of_welcome(database: Database, settings: PlatformSettings) -> str | None:
    with database.reading() as session:
        space = find_space(session, OWNER, NAME)
        return settings.url_of(settings.app_host(space.host_label)) if space else None


def push_welcome(database: Database, settings: PlatformSettings) -> str | None:
    """None when it went well, else what git said last. The token made for it is gone afterwards."""
    with database.writing() as session:
        user = accounts.find_user(session, OWNER) or _add_owner(session)
        token = tokens.create_token(session, user, scope=Scope.WRITE)
    try:
        with tempfile.TemporaryDirectory(prefix="minispaces-welcome-") as folder:
            return _push(Path(folder) / "welcome", token, settings)
    finally:
        with database.writing() as session:
            session.execute(delete(AccessToken).where(AccessToken.digest == digest(token)))


def _add_owner(session: Session) -> User:
    user = accounts.add_user(session, OWNER)
    audit.record(session, audit.COMMAND_LINE, "user.create", user)
    return user


def _push(folder: Path, token: str, settings: PlatformSettings) -> str | None:
    shutil.copytree(source(), folder)
    remote = f"http://{OWNER}:{token}@127.0.0.1:{settings.port}/spaces/{OWNER}/{NAME}"
    host = settings.hub_url.split("://", 1)[1]
    for argv in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "."],
        ["commit", "--quiet", "--message=Welcome"],
        ["-c", f"http.extraHeader=Host: {host}", "push", "--quiet", remote, "main"],
    ):
        done = subprocess.run(
            ["git", *argv], cwd=folder, env=_environment(), capture_output=True, text=True, timeout=900
        )  # fmt: skip
        if done.returncode:
            return (done.stderr or done.stdout).replace(token, "…").strip()
    return None


def _environment() -> dict[str, str]:
    """Nothing of the user's own git: no signing, no hooks, no proxy between us and ourselves."""
    who = {"NAME": "Minispaces", "EMAIL": "welcome@minispaces.invalid"}
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "NO_PROXY": "127.0.0.1",
        **{f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()},
    }
