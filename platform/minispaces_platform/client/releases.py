"""Asking a hub about a Space's versions, and to go from one to another."""

from pydantic import BaseModel, TypeAdapter

from minispaces_platform.client.hub import Word
from minispaces_platform.client.spaces import RemoteSpace


class Version(BaseModel):
    """What was pushed is text of strangers: tidied before it is printed."""

    version: int
    commit: Word
    branch: str = ""
    title: str = ""
    status: Word
    live: bool = False
    held: bool = False
    kept: bool = True
    preview: Word | None = None


class Accepted(BaseModel):
    release: Word
    version: int
    was: int | None = None
    rebuiltAs: int | None = None  # noqa: N815 - JSON's way of writing


class Release(BaseModel):
    version: int
    state: Word
    words: str = ""
    seconds: float | None = None
    url: Word


def versions(space: RemoteSpace) -> list[Version]:
    return TypeAdapter(list[Version]).validate_json(space.ask("GET", "versions"))


def roll_back(space: RemoteSpace, version: int | None) -> Accepted:
    return Accepted.model_validate_json(space.ask("POST", "rollback", {"version": version}))


def promote(space: RemoteSpace, version: int) -> Accepted:
    return Accepted.model_validate_json(space.ask("POST", "promote", {"version": version}))


def release(space: RemoteSpace, accepted: Accepted) -> Release:
    return Release.model_validate_json(space.ask("GET", f"releases/{accepted.release}"))
