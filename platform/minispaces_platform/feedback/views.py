"""What an inbox shows, and the same as CSV. Pure."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from minispaces_platform.feedback.queries import PAGE_SIZE, Kind, State
from minispaces_platform.forms import FormProblem
from minispaces_platform.models.discussions import Feedback, FeedbackKind
from minispaces_platform.spaces.views import SpaceView

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_HEADER = ("when", "kind", "version", "who", "text", "sample", "resolved")


@dataclass(frozen=True, slots=True)
class FeedbackView:
    id: str
    is_flag: bool
    author: str
    version: int | None
    text: str
    fields: tuple[tuple[str, str], ...]
    at: datetime
    is_resolved: bool


@dataclass(frozen=True, slots=True)
class InboxView:
    space: SpaceView
    items: tuple[FeedbackView, ...]
    state: State
    kind: Kind
    open_count: int
    older: str


@dataclass(frozen=True, slots=True)
class WriteView:
    space: SpaceView
    text: str
    may_send: bool
    problem: FormProblem


def items_of(found: Sequence[Feedback]) -> tuple[tuple[FeedbackView, ...], str]:
    """A page, and what the next one begins before."""
    shown = tuple(map(_one, found[:PAGE_SIZE]))
    return shown, shown[-1].id if len(found) > PAGE_SIZE else ""


def csv_lines(found: Iterable[Feedback]) -> Iterator[str]:
    """Nothing in it begins like a formula: tables are opened by programs that would compute it."""
    yield _line(_HEADER)
    for each in found:
        sample = json.dumps(dict(each.sample.fields), ensure_ascii=False) if each.sample.fields else ""
        yield _line(
            (
                each.created_at.isoformat(), each.kind.value, str(each.version or ""),
                each.author.name if each.author else "", each.text, sample,
                each.resolved_at.isoformat() if each.resolved_at else "",
            )
        )  # fmt: skip


def _line(cells: Sequence[str]) -> str:
    held = io.StringIO()
    csv.writer(held).writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return held.getvalue()


def _one(feedback: Feedback) -> FeedbackView:
    is_flag = feedback.kind is FeedbackKind.FLAG
    return FeedbackView(
        id=feedback.id,
        is_flag=is_flag,
        author=feedback.author.name if feedback.author else "",
        version=feedback.version,
        text=feedback.text,
        fields=feedback.sample.fields,
        at=feedback.created_at,
        is_resolved=feedback.resolved_at is not None,
    )
