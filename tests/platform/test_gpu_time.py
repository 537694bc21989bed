"""GPU seconds are counted by the month: reports that come twice, late or never change no sum."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from minispaces_contract.messages import Hardware
from minispaces_contract.usage import MachineUsage, SpaceGpu, UsageReport
from minispaces_platform.accounts.service import add_user
from minispaces_platform.audit.service import COMMAND_LINE
from minispaces_platform.database import now
from minispaces_platform.hardware.gpu_time import find_places, record_gpu_time
from minispaces_platform.models.hardware import GpuMonth
from minispaces_platform.quotas.queries import list_quotas
from minispaces_platform.quotas.service import Amounts, set_quota
from minispaces_platform.spaces.service import create_space

SHARED = Hardware(name="zero-a10g", gpus=1, gpu_shared=True)


@pytest.fixture
def space(migrated):
    with migrated.writing() as session:
        made = create_space(session, add_user(session, "ada"), "demo")
        made.hardware = SHARED
        return made


def tell(database, space, seconds, *, epoch="e1", at=None, **more):
    told = SpaceGpu(space_id=space.id, seconds=seconds, **more)
    gone = SpaceGpu(space_id="gone", seconds=9.0)
    report = UsageReport(at=at or now(), seconds=5, machine=MachineUsage(), gpu_epoch=epoch, gpu=(told, gone))
    with database.writing() as session:
        record_gpu_time(session, report)


def used(database):
    with database.reading() as session:
        return sum(session.scalars(select(GpuMonth.seconds)))


def test_totals_of_an_epoch_count_once_and_those_of_the_next_are_added(migrated, space):
    for seconds in (10.0, 25.0, 25.0, 20.0):
        tell(migrated, space, seconds)
    assert used(migrated) == 25
    tell(migrated, space, 7.0, epoch="e2")
    assert used(migrated) == 32


def test_the_quota_shows_the_minutes_of_this_month_alone(migrated, space):
    tell(migrated, space, 600.0, at=now() - timedelta(days=40))
    tell(migrated, space, 720.0)
    with migrated.writing() as session:
        set_quota(session, COMMAND_LINE, space.owner, Amounts(gpu_minutes=10, memory=1 << 33, builds=2))
    with migrated.reading() as session:
        (quota,) = list_quotas(session)
    assert (quota.used.gpu_minutes, quota.allowed.gpu_minutes, quota.used.memory, quota.used.builds) == (2, 10, 0, 0)


def test_the_place_in_the_queue_is_shown_while_it_is_new(migrated, space):
    tell(migrated, space, 1.0, waiting=2, position=3, wait_seconds=40.0)
    with migrated.reading() as session:
        assert find_places(session, [space])[space.id].words == "GPU queue: number 3, about 40 s"
    tell(migrated, space, 1.0, at=now() - timedelta(minutes=2), position=3)
    with migrated.reading() as session:
        assert find_places(session, [space]) == {}
