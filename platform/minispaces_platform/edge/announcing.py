"""Cues for the proxy: whatever transaction changes who may come in, in whichever service, ends with a hint."""

from typing import Any

from redis import Redis
from sqlalchemy import event, inspect
from sqlalchemy.orm import ORMExecuteState, Session

from minispaces_contract import hints
from minispaces_platform.database import Database, after_commit
from minispaces_platform.models.accounts import AccessToken, AccessTokenSpace, LoginSession, User
from minispaces_platform.models.deployments import Preview
from minispaces_platform.models.namespaces import Membership
from minispaces_platform.models.spaces import Collaborator, GuestLink, Space

_DECIDING = (AccessToken, AccessTokenSpace, LoginSession, User, Membership, Collaborator, GuestLink, Space, Preview)
"""The tables that `edge_access` reads."""
_COLUMNS: dict[type, tuple[str, ...]] = {
    Space: ("owner_id", "created_by", "host_label", "visibility", "card", "taken_down_at"),
    Preview: ("space_id", "label", "alias"),
}
"""What it asks of these. The rest, such as likes, or whether something runs, changes all the time."""


def announce_access(database: Database, redis: Redis) -> None:
    """From now on. A transaction gives one hint at most."""

    def note(session: Session) -> None:
        if "access_noted" not in session.info:
            session.info["access_noted"] = True
            after_commit(session, lambda: hints.give(redis, hints.ACCESS))

    def see_flush(session: Session, _context: Any) -> None:
        if any(map(_decides, (*session.new, *session.dirty, *session.deleted))):
            note(session)

    def see_statement(state: ORMExecuteState) -> None:
        if (state.is_update or state.is_delete) and _may_decide(state):
            note(state.session)

    event.listen(database.sessions, "after_flush", see_flush)
    event.listen(database.sessions, "do_orm_execute", see_statement)


def _decides(thing: object) -> bool:
    """Of what a flush has written: a Space or preview that was there before does only by some of its columns."""
    columns = _COLUMNS.get(type(thing))
    if columns is None:
        return isinstance(thing, _DECIDING)
    state = inspect(thing)
    return not state.persistent or any(state.attrs[column].history.has_changes() for column in columns)


def _may_decide(state: ORMExecuteState) -> bool:
    """A statement that names its columns in its rows can be seen through; any other one may change all of them."""
    mapper, rows = state.bind_mapper, state.parameters
    if mapper is None or not issubclass(mapper.class_, _DECIDING):
        return False
    if mapper.class_ in _COLUMNS and isinstance(rows, list):
        return any(column in row for row in rows for column in _COLUMNS[mapper.class_])
    return True
