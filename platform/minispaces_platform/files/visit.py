"""Somebody at a Space's files: what every handler of them needs, read once."""

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from fastapi import Depends

from minispaces_platform.access import Actor
from minispaces_platform.actors import CurrentActor
from minispaces_platform.files.address import Place, Refs
from minispaces_platform.files.queries import find_place, list_refs
from minispaces_platform.files.views import Where, where_of
from minispaces_platform.guard import Readable, Writable
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.repos.reading import Repository
from minispaces_platform.spaces.overview import head_of
from minispaces_platform.spaces.views import SpaceView


@dataclass(frozen=True)
class Visit:
    parts: Parts
    actor: Actor
    space: Space

    @property
    def base(self) -> str:
        return f"/spaces/{self.space.full_name}"

    @property
    def repository(self) -> Repository:
        return Repository(self.parts.store, self.space.id)

    @cached_property
    def refs(self) -> Refs:
        return list_refs(self.repository)

    def place(self, rest: str) -> Place:
        return find_place(self.repository, rest, self.refs)

    def where(self, place: Place, *, verb: str) -> Where:
        return where_of(self.space, self.actor, place, self.refs, verb=verb)

    def head(self, tab: str = "files") -> SpaceView:
        with self.parts.database.reading() as session:
            return head_of(session, self.parts, self.actor, self.space, tab=tab)


def reading(space: Readable, parts: PartsDep, actor: CurrentActor) -> Visit:
    return Visit(parts, actor, space)


def writing(space: Writable, parts: PartsDep, actor: CurrentActor) -> Visit:
    return Visit(parts, actor, space)


Reading = Annotated[Visit, Depends(reading)]
Writing = Annotated[Visit, Depends(writing)]
