"""Cues for the proxy: whatever transaction changes who may come in, in whichever service, ends with a hint."""

from typing import Any

from redis import Redis
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session

from minispaces_contract import hints
from minispaces_platform.database import Database, after_commit
from minispaces_platform.models.accounts import AccessToken, AccessTokenSpace, LoginSession, User
from minispaces_platform.models.deployments import Preview
from minispaces_platform.models.namespaces import Membership
from minispaces_platform.models.spaces import Collaborator, GuestLink, Space

_DECIDING = (AccessToken, AccessTokenSpace, LoginSession, User, Membership, Collaborator, GuestLink, Space, Preview)
"""The tables that `edge_access` reads."""


def announce_access(database: Database, redis: Redis) -> None:
    """From now on. A transaction gives one hint at most."""

    def note(session: Session) -> None:
        if "access_noted" not in session.info:
            session.info["access_noted"] = True
            after_commit(session, lambda: hints.give(redis, hints.ACCESS))

    def see_flush(session: Session, _context: Any) -> None:
        if any(isinstance(thing, _DECIDING) for thing in (*session.new, *session.dirty, *session.deleted)):
            note(session)

    def see_statement(state: ORMExecuteState) -> None:
        mapper = state.bind_mapper
        if (state.is_update or state.is_delete) and mapper and issubclass(mapper.class_, _DECIDING):
            note(state.session)

    event.listen(database.sessions, "after_flush", see_flush)
    event.listen(database.sessions, "do_orm_execute", see_statement)
