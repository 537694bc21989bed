"""Keeping what the runner reports: the newest values of each Space and of the machine, and the last hour by minutes."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from minispaces_contract.usage import AppUsage, UsageReport
from minispaces_platform.models.spaces import Space
from minispaces_platform.models.usage import History, MachineNow, SpaceUsage
from minispaces_platform.storage.service import record_storage
from minispaces_platform.usage.history import Sample, extended

MACHINE = "this"


def record_usage(session: Session, report: UsageReport) -> None:
    """Instances of the same Space count together. What is not in the report has ended."""
    by_space: defaultdict[str, list[AppUsage]] = defaultdict(list)
    for app in report.apps:
        by_space[app.space_id].append(app)
    session.execute(delete(SpaceUsage).where(SpaceUsage.space_id.not_in(by_space)))
    known = {row.space_id: row for row in session.scalars(select(SpaceUsage))}
    there = set(session.scalars(select(Space.id).where(Space.id.in_(by_space))))
    for space_id in there:
        row = known.get(space_id) or SpaceUsage(space_id=space_id, history=History())
        _fill(row, by_space[space_id], report)
        session.add(row)
    if report.storages is not None:
        record_storage(session, report.at, report.storages)
    _record_machine(session, report)


def _fill(row: SpaceUsage, apps: Sequence[AppUsage], report: UsageReport) -> None:
    moved = sum(app.sent + app.received for app in apps)
    row.at = report.at
    row.cpus = sum(app.cpus for app in apps)
    row.memory = sum(app.memory for app in apps)
    row.memory_limit = sum(app.memory_limit for app in apps)
    row.disk = sum(app.disk for app in apps)
    row.traffic = moved / max(report.seconds, 0.001)
    row.history = extended(row.history, Sample(report.at, row.cpus, row.memory, moved))


def _record_machine(session: Session, report: UsageReport) -> None:
    row = session.get(MachineNow, MACHINE) or MachineNow(name=MACHINE, history=History())
    moved = sum(app.sent + app.received for app in report.apps)
    row.at, row.usage = report.at, report.machine
    row.history = extended(row.history, Sample(report.at, report.machine.cpus, report.machine.memory, moved))
    session.add(row)
