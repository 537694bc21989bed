"""What somebody wants to see of the gallery, as the address says it. Pure."""

from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

from minispaces_contract.states import Sdk


class Sort(StrEnum):
    TRENDING = "trending"
    LIKES = "likes"
    NEW = "new"
    VISITS = "visits"


class State(StrEnum):
    """Stages as people ask for them."""

    RUNNING = "running"
    BUILDING = "building"
    FAILED = "failed"
    SLEEPING = "sleeping"
    STOPPED = "stopped"


def _none_if_empty(value: Any) -> Any:
    return value or None


_Choice = BeforeValidator(_none_if_empty)
_Word = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True, pattern=r"^[^\x00]*$")]


class Wanted(BaseModel):
    """Empty fields let everything through. `after` is where the page before ended."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    q: _Word = ""
    sdk: Annotated[Sdk | None, _Choice] = None
    tag: _Word = ""
    hardware: _Word = ""
    owner: _Word = ""
    state: Annotated[State | None, _Choice] = None
    sort: Annotated[Sort | None, _Choice] = None
    after: _Word = ""

    @property
    def order(self) -> Sort:
        return self.sort or Sort.TRENDING

    @property
    def narrows(self) -> bool:
        """Whether this is anything but the front page."""
        return self.filters or bool(self.sort or self.after)

    @property
    def filters(self) -> bool:
        return any((self.q, self.sdk, self.tag, self.hardware, self.owner, self.state))

    def path(self, **changes: str) -> str:
        """The address of what is wanted, with `changes`; they lead to a first page, unless they say where to go on."""
        fields = {"after": ""} | changes
        kept = {name: str(value) for name, value in self.model_dump(mode="json").items() if value}
        words = {name: value for name, value in (kept | fields).items() if value}
        return f"/?{urlencode(words)}" if words else "/"
