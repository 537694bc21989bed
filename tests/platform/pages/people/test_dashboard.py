"""The dashboard: what apps use, as the runner reports it, with the one that uses most on top."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from minispaces_contract.states import BuildStatus, DesiredState
from minispaces_contract.usage import AppUsage, MachineUsage, UsageReport
from minispaces_platform.admin.health import examine
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.models.usage import SpaceUsage
from minispaces_platform.usage.history import MINUTES, History, Sample, extended
from minispaces_platform.usage.service import record_usage

NOW = datetime(2026, 5, 1, 12, 0, 30, tzinfo=UTC)
MACHINE = MachineUsage(
    processors=4, cpus=1.5, memory=3 << 30, memory_total=8 << 30, disk=10**10, disk_total=10**11, isolation="tested"
)


@pytest.fixture
def root(browser, world) -> TestClient:
    return browser(world.add_user("root", admin=True))


@pytest.fixture
def report(parts):
    def send(*apps: AppUsage, at: datetime | None = None, machine: MachineUsage = MACHINE) -> None:
        with parts.database.writing() as session:
            record_usage(session, UsageReport(at=at or datetime.now(UTC), seconds=5, machine=machine, apps=apps))

    return send


def use(space, memory: int = 1 << 20, **fields) -> AppUsage:
    return AppUsage(deployment_id=f"d-{space.id[:8]}", space_id=space.id, memory=memory, **fields)


def test_the_demo_that_eats_the_memory_is_on_top(root, world, ada, report):
    small, hungry = (world.add_live_space(ada, name) for name in ("small", "hungry"))
    report(use(small, 10**6, cpus=2.0), use(hungry, 10**9, memory_limit=10**9))
    for page in (root.get("/admin").text, root.get("/admin/running").text):
        assert page.index("ada/hungry") < page.index("ada/small")
        assert "100 % of its limit" in page
    page = root.get("/admin/running?sort=cpus").text
    assert page.index("ada/small") < page.index("ada/hungry")


def test_it_is_stopped_from_there_and_that_is_written_down(*, root, world, ada, report, parts, events):
    hungry = world.add_live_space(ada, "hungry")
    report(use(hungry))
    answer = root.post(f"/admin/running/{hungry.id}/stop")
    assert "told to stop" in root.get(answer.headers["location"]).text
    with parts.database.reading() as session:
        assert session.query(Deployment.desired).scalar() is DesiredState.STOPPED
    assert (events()[-1].action, events()[-1].actor_name) == ("space.stop", "root")


def test_what_is_in_no_report_uses_nothing(world, ada, report, parts):
    first, second = (world.add_live_space(ada, name) for name in ("first", "second"))
    report(use(first), use(second))
    report(use(second))
    with parts.database.reading() as session:
        assert [row.space_id for row in session.query(SpaceUsage)] == [second.id]


def test_two_instances_of_a_space_count_together_and_of_a_lost_space_not_at_all(world, ada, report, parts):
    space = world.add_live_space(ada, "demo")
    gone = AppUsage(deployment_id="x", space_id="0" * 32, memory=5)
    report(use(space, 10, sent=50), use(space, 20, received=50), gone)
    with parts.database.reading() as session:
        row = session.query(SpaceUsage).one()
        assert (row.memory, row.traffic) == (30, 20.0)


def test_the_history_is_an_hour_in_minutes():
    history = History()
    for second in range(0, 3 * 3600, 20):
        at = NOW + timedelta(seconds=second)
        history = extended(history, Sample(at, cpus=float(second % 60), memory=second, traffic=10))
    assert len(history.points) == MINUTES
    middle = history.points[30]
    assert (middle.traffic, middle.samples) == (30, 3)
    assert middle.cpus == pytest.approx(30.0, abs=11)


def test_charts_say_in_words_what_they_show(root, world, ada, report):
    space = world.add_live_space(ada, "demo")
    for minute in range(3):
        at = datetime.now(UTC) - timedelta(minutes=2 - minute)
        report(use(space, (minute + 1) << 20), at=at)
    page = root.get("/admin").text
    assert "Last 2 min: now 3 MiB, between 1 MiB and 3 MiB." in page
    assert '<path class="chart-line" d="M' in page


def test_old_figures_are_called_old(root, report):
    assert "has not reported yet" in root.get("/admin").text
    report(at=datetime.now(UTC) - timedelta(minutes=5))
    assert "These figures are old" in root.get("/admin").text


def test_health_says_what_is_wrong_and_what_to_do(root, report):
    page = root.get("/admin/health")
    assert page.status_code == 503
    assert "The runner has never reported" in page.text
    report(machine=MACHINE.model_copy(update={"proxy": False}))
    assert "The proxy does not answer" in root.get("/admin/health").text
    report()
    assert "What to do" not in root.get("/admin/health").text.split("Builder")[0].replace("Make room soon.", "")


def test_builds_in_progress_are_listed(root, world, ada):
    world.add_build(world.add_space(ada, "demo"), BuildStatus.QUEUED)
    page = root.get("/admin").text
    assert "version 1" in page
    assert "Waits" in page


def test_the_overview_takes_as_many_statements_with_many_apps_as_with_few(root, world, ada, report, statements):
    def count() -> int:
        statements.clear()
        assert root.get("/admin").status_code == 200
        return len(statements)

    spaces = [world.add_live_space(ada, f"demo-{number}") for number in range(4)]
    report(use(spaces[0]))
    few = count()
    report(*map(use, spaces))
    assert count() == few


def test_organisations_are_listed_with_what_they_have(root, lab):
    lab.add_space("demo")
    page = root.get("/admin/organizations").text
    assert "1 member, 1 Space" in page
    assert "No organisation" in root.get("/admin/organizations?q=other").text


def test_health_looks_for_the_browser_that_the_builder_is_told_of(parts, tmp_path):
    (tmp_path / "my-browser").touch(mode=0o755)
    settings = parts.settings.model_copy(update={"browser": str(tmp_path / "my-browser")})
    assert examine(replace(parts, settings=settings))[-1].words == "my-browser takes pictures of apps."
