"""Forms that change something: done and shown anew, or shown again with what was wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form
from pydantic import AfterValidator
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from minispaces_platform.changes import changing
from minispaces_platform.errors import ConflictError, ForbiddenError, InvalidError, MinispacesError, NotFoundError
from minispaces_platform.limits import TooManyError
from minispaces_platform.parts import Parts

Text = Annotated[str, Form(max_length=1000), AfterValidator(lambda text: text.replace("\0", ""))]
"""PostgreSQL takes no NUL."""


@dataclass(frozen=True, slots=True)
class FormProblem:
    """What was wrong, and in which of a page's forms."""

    form: str
    text: str


NO_PROBLEM = FormProblem("", "")


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """A role to be chosen, and what it lets somebody do where it is given."""

    value: str
    sentence: str


def submit(
    parts: Parts, change: Callable[[Session], str], *, form: str, again: Callable[[FormProblem, int], Response]
) -> Response:
    """`change` gives the address to go on to. `again` renders the page with the problem and its status."""
    try:
        with changing(parts.database, parts.redis_sync) as session:
            onward = change(session)
    except (ConflictError, InvalidError, NotFoundError, ForbiddenError, TooManyError) as error:
        return again(FormProblem(form, words_of(error)), error.status)
    return RedirectResponse(onward, 303)


def words_of(error: MinispacesError) -> str:
    return f"{error.message} {error.hint}".strip()


def confirm(typed: str, wanted: str) -> None:
    """Raises InvalidError unless somebody typed the name of what they are about to lose."""
    if typed.strip() != wanted:
        raise InvalidError(f"To confirm, type {wanted} exactly.", hint="Nothing was changed.")
