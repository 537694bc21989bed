"""Two pushes at once: git takes both, one after the other, and only the newer one is built."""

from minispaces_platform.accounts import service as accounts
from minispaces_platform.repos.inspection import RefUpdate, Verdict
from minispaces_platform.repos.landing import land
from minispaces_platform.spaces.service import create_space


def test_who_was_overtaken_is_told_so(parts):
    with parts.database.writing() as session:
        ada = accounts.add_user(session, "ada")
        space = create_space(session, ada, "demo")
    parts.store.create(space.id)
    older = RefUpdate("0" * 40, "1" * 40, "refs/heads/main")
    landed = land(parts, space.id, Verdict(), updates=[older], user_id=ada.id)
    assert (landed.build_id, landed.deploys) == (None, False)
    assert landed.lines == ["Stored, but not deployed: a newer push to main was faster."]
