"""Lists show what the policy lets somebody read, and nothing else: the condition in SQL against `may`."""

from itertools import product

import pytest
from sqlalchemy import select

from minispaces_platform.access import Action, Actor, Carrier, may, readable
from minispaces_platform.accounts import service as accounts
from minispaces_platform.actors import actor_of_user
from minispaces_platform.database import Database
from minispaces_platform.models import Base
from minispaces_platform.models.namespaces import Membership, Organization
from minispaces_platform.models.roles import Role, Visibility
from minispaces_platform.models.scopes import Scope
from minispaces_platform.models.spaces import Collaborator, Space
from minispaces_platform.spaces.service import create_space


@pytest.fixture
def database(tmp_path):
    made = Database(f"sqlite:///{tmp_path / 'test.db'}")
    Base.metadata.create_all(made.engine)
    yield made
    made.dispose()


def test_the_list_and_the_policy_agree_for_everybody(database):
    with database.writing() as session:
        people = {
            name: accounts.add_user(session, name, admin=name == "root") for name in ("ada", "bob", "eve", "root")
        }
        acme = Organization(name="acme")
        session.add(acme)
        session.flush()
        session.add(Membership(organization_id=acme.id, user_id=people["bob"].id, role=Role.READ))
        spaces = [
            create_space(session, owner, f"s-{visibility}", visibility=visibility)
            for owner, visibility in product([people["ada"], acme], Visibility)
        ]
        session.add(Collaborator(space_id=spaces[2].id, user_id=people["eve"].id, role=Role.READ))
        actors = [Actor(), Actor(welcome=False)]
        for user in people.values():
            known = actor_of_user(session, user)
            some = frozenset(space.id for space in spaces[::3])
            limited = [Actor(user, Scope.READ, Carrier.BEARER, known.roles, chosen) for chosen in (some, frozenset())]
            actors += [known, *limited]
        for actor in actors:
            listed = set(session.scalars(select(Space.id).where(readable(actor))))
            assert listed == {space.id for space in spaces if may(actor, Action.READ, space)}, actor
