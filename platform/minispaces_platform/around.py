"""What stands around every page's own content: what admins tell everybody, and how much there is to read.

The gate lays it out for each request, whoever learns more of the request adds to it, and `render` draws it.
"""

from contextvars import ContextVar
from dataclasses import dataclass

from minispaces_platform.notices.board import Board, Posted


@dataclass(slots=True)
class Around:
    notices: tuple[Posted, ...] = ()
    unread: int = 0


AROUND: ContextVar[Around] = ContextVar("around")


def lay_out(board: Board) -> None:
    AROUND.set(Around(board.posted))


def around() -> Around:
    """Outside of a request there is nothing around."""
    return AROUND.get(None) or Around()


def note_unread(count: int) -> None:
    around().unread = count
