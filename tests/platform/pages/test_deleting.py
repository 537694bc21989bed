"""Deleting a Space: what is gone, what is kept, and what a crash leaves for the janitor."""

import os

import pytest
from sqlalchemy import select

from minispaces_platform.builds.archive import path_of, write_log
from minispaces_platform.deployments.world import desired_world
from minispaces_platform.models import Base
from minispaces_platform.models.audit import AuditEvent
from minispaces_platform.spaces.deleting import ORPHAN_SECONDS, sweep_orphans
from minispaces_platform.thumbnails import store as thumbnails


@pytest.fixture
def space(world, ada, parts):
    made = world.add_live_space(ada, "hello")
    parts.store.create(made.id)
    return made


def delete(client, typed="ada/hello"):
    return client.post("/spaces/ada/hello/settings/delete", data={"typed": typed})


def test_it_needs_the_name_typed_exactly(signed_in, space):
    answer = delete(signed_in, "ada/Hello")
    assert answer.status_code == 422
    assert "type ada/hello exactly" in answer.text
    assert signed_in.get("/spaces/ada/hello").status_code == 200


def test_rows_repository_and_logs_are_gone_and_the_app_stops(signed_in, parts, space, world):
    build = world.add_build(space)
    write_log(path_of(parts, build.id), [])
    picture = thumbnails.path_of(parts.settings, space.id, 1)
    thumbnails.write(picture, b"picture")
    signed_in.post("/spaces/ada/hello/settings/variables", data={"key": "MODEL", "value": "x"})
    assert delete(signed_in).headers["location"] == "/ada"
    assert signed_in.get("/spaces/ada/hello").status_code == 404
    assert not parts.store.path(space.id).exists()
    assert not path_of(parts, build.id).exists()
    assert not picture.parent.exists()
    with parts.database.reading() as session:
        assert desired_world(session, parts.settings).deployments == ()
        for table in Base.metadata.sorted_tables:
            if "space_id" in table.columns:
                assert session.execute(select(table).where(table.c.space_id == space.id)).all() == [], table


def test_the_audit_log_keeps_that_it_was_done(signed_in, parts, space):
    delete(signed_in)
    with parts.database.reading() as session:
        last = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (last.action, last.subject_name, last.actor_name) == ("space.delete", "ada/hello", "ada")


def test_what_a_crash_left_behind_is_swept_when_it_is_old_enough(parts, space):
    orphans = [parts.store.create("0" * 32), parts.store.create("1" * 32)]
    long_ago = orphans[0].stat().st_mtime - ORPHAN_SECONDS - 1
    for old in (orphans[0], parts.store.path(space.id)):
        os.utime(old, (long_ago, long_ago))
    sweep_orphans(parts)
    assert [path.exists() for path in (*orphans, parts.store.path(space.id), parts.store.empty)] == [
        False,
        True,
        True,
        True,
    ]


def test_other_hardware_restarts_the_app_and_gpus_need_another_build(signed_in, parts, space):
    def versions():
        with parts.database.reading() as session:
            return [(spec.version, spec.hardware.name) for spec in desired_world(session, parts.settings).deployments]

    signed_in.post("/spaces/ada/hello/settings/hardware", data={"flavour": "cpu-upgrade"})
    assert versions() == [(1, "cpu-basic"), (1, "cpu-upgrade")]
    signed_in.post("/spaces/ada/hello/settings/hardware", data={"flavour": "t4-small"})
    assert len(versions()) == 2
    assert "v2" in signed_in.get("/spaces/ada/hello/versions").text
    assert signed_in.post("/spaces/ada/hello/settings/hardware", data={"flavour": "abacus"}).status_code == 422
