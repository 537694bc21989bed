"""What the forms that change files show. Pure."""

from dataclasses import dataclass

from minispaces_platform.files.service import Typed
from minispaces_platform.files.views import Where
from minispaces_platform.forms import NO_PROBLEM, FormProblem
from minispaces_platform.spaces.views import SpaceView


@dataclass(frozen=True, slots=True)
class EditView:
    """`theirs` is the commit that somebody else made meanwhile: saving over it is a choice of its own."""

    space: SpaceView
    where: Where
    typed: Typed
    is_new: bool
    deploys: bool
    problem: FormProblem = NO_PROBLEM
    theirs: str = ""


@dataclass(frozen=True, slots=True)
class UploadView:
    space: SpaceView
    where: Where
    deploys: bool
    max_mb: int
    problem: FormProblem = NO_PROBLEM


@dataclass(frozen=True, slots=True)
class DeleteView:
    space: SpaceView
    where: Where
    count: int
    deploys: bool
    problem: FormProblem = NO_PROBLEM
