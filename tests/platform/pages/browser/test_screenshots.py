"""Pictures of the pages for the documentation: `pytest tests/platform/pages/browser --screenshots`."""

from datetime import timedelta
from pathlib import Path

import pytest

from minispaces_contract.logstream import Kind
from minispaces_contract.messages import Artifact
from minispaces_contract.states import ArtifactKind, BuildStatus, InstanceStatus, Sdk
from minispaces_platform.database import now

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).parents[4] / "docs" / "screenshots"
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}

DEMOS = [
    (
        "ada",
        "chest-xray",
        "Chest X-ray triage",
        "🫁",
        "blue",
        "indigo",
        Sdk.GRADIO,
        "Marks the films a radiologist should see first",
    ),
    ("grace", "sql-copilot", "SQL copilot", "🧮", "green", "blue", Sdk.STREAMLIT, "Ask the warehouse in plain words"),
    ("ada", "voice-notes", "Voice notes", "🎙️", "pink", "purple", Sdk.GRADIO, "Speech to text, then to tasks"),
    (
        "linus",
        "patch-review",
        "Patch review",
        "🔍",
        "gray",
        "indigo",
        Sdk.DOCKER,
        "Reads a diff and asks the right questions",
    ),
    (
        "grace",
        "churn-2026",
        "Churn explorer",
        "📉",
        "yellow",
        "red",
        Sdk.STREAMLIT,
        "Why customers leave, by segment and season",
    ),
    (
        "linus",
        "map-of-papers",
        "A map of our papers",
        "🗺️",
        "purple",
        "pink",
        Sdk.STATIC,
        "Eleven thousand abstracts on one page",
    ),
    ("ada", "receipts", "Receipt reader", "🧾", "red", "yellow", Sdk.GRADIO, "Photo in, ledger line out"),
]
LOG = [
    (Kind.HEADER, "Gradio app (sdk: gradio 6.3.0, Python 3.12)"),
    (Kind.LINE, "app_file app.py, port 7860"),
    (Kind.WARNING, "requirements.txt names torch without a version; taking what was current on 2026-03-02"),
    (Kind.HEADER, "Installing packages"),
    (Kind.LINE, "\x1b[2mResolved \x1b[1m84 packages\x1b[0m\x1b[2m in 412ms\x1b[0m"),
    (Kind.LINE, "\x1b[36mDownloading\x1b[39m torch \x1b[2m(198.4MiB)\x1b[0m"),
    (Kind.LINE, "\x1b[2mInstalled \x1b[1m84 packages\x1b[0m\x1b[2m in 1.31s\x1b[0m"),
    (Kind.LINE, " \x1b[32m+\x1b[39m \x1b[1mgradio\x1b[0m\x1b[2m==6.3.0\x1b[0m"),
    (Kind.LINE, " \x1b[32m+\x1b[39m \x1b[1mtorch\x1b[0m\x1b[2m==2.10.0\x1b[0m"),
    (Kind.HEADER, "Starting the app"),
    (Kind.LINE, "* Running on local URL:  http://0.0.0.0:7860"),
]

TRACEBACK = """Traceback (most recent call last):
  File "/home/user/app/app.py", line 3, in <module>
    model = load("zoo-v2")
FileNotFoundError: zoo-v2.safetensors"""


def fill(world):
    people = {name: world.add_user(name) for name in ("ada", "grace", "linus")}
    made = {}
    for owner, name, title, emoji, start, end, sdk, text in DEMOS:
        made[name] = world.add_live_space(
            people[owner],
            name,
            title=title,
            emoji=emoji,
            color_from=start,
            color_to=end,
            sdk=sdk,
            short_description=text,
        )
    world.add_space(people["linus"], "new-idea", emoji="🌱", color_from="green", color_to="yellow")
    fail_a_build(world, made["churn-2026"])
    go_on_building(world, made["voice-notes"])
    crash(world, people["grace"])
    history(world, made["chest-xray"])
    return people


def fail_a_build(world, space):
    failed = world.add_build(
        space,
        BuildStatus.FAILED,
        error="requirements.txt, line 4: there is no package named panads. Did you mean pandas?",
        message="Add the season filter",
    )
    world.write_build_log(failed, "Resolving 12 requirements")
    world.write_build_log(failed, "requirements.txt, line 4: panads was not found in the registry", kind=Kind.ERROR)


def go_on_building(world, space):
    building = world.add_build(space, BuildStatus.BUILDING, message="Speak Dutch too")
    for kind, line in LOG:
        world.write_build_log(building, line, kind=kind)


def crash(world, owner):
    crashed = world.add_build(
        world.add_space(
            owner,
            "embeddings",
            title="Embedding zoo",
            emoji="🦒",
            color_from="yellow",
            color_to="green",
            sdk=Sdk.GRADIO,
        )
    )
    world.add_deployment(
        crashed,
        InstanceStatus.FAILED,
        detail="The app ended with exit code 1 before port 7860 opened.",
        log_tail=TRACEBACK,
    )


def history(world, space):
    artifact = Artifact(kind=ArtifactKind.BUNDLE, reference="x", sdk=Sdk.GRADIO, size_bytes=3_600_000)
    for message, status, seconds in (
        ("Show the heat map beside the film", BuildStatus.SUCCEEDED, 2.4),
        ("Try the larger model", BuildStatus.FAILED, 31),
        ("Back to the small model, with calibrated scores", BuildStatus.SUCCEEDED, 2.1),
    ):
        times = {"started_at": now() - timedelta(seconds=seconds), "finished_at": now()}
        failed = (
            {"error": "The model needs 9 GB of memory; this Space may use 4 GB."}
            if status is BuildStatus.FAILED
            else {"artifact": artifact}
        )
        build = world.add_build(space, status, message=message, **times, **failed)
        if status is BuildStatus.SUCCEEDED:
            world.add_deployment(build)


PAGES = {
    "list": "/",
    "space": "/spaces/ada/chest-xray",
    "space-failed": "/spaces/grace/churn-2026",
    "space-crashed": "/spaces/grace/embeddings",
    "space-empty": "/spaces/linus/new-idea",
    "logs-building": "/spaces/ada/voice-notes/logs",
    "logs-failed": "/spaces/grace/churn-2026/logs",
    "versions": "/spaces/ada/chest-xray/versions",
    "login": "/login",
    "not-found": "/spaces/ada/nothing",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_pictures(page, hub, world, scheme, size):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size(dict(zip(("width", "height"), SIZES[size], strict=True)))
    page.goto(hub)
    shoot(page, "list-empty", scheme, size)
    people = fill(world)
    page.goto(f"{hub}/login/{world.make_login_link(people['ada'])}")
    shoot(page, "login-link", scheme, size)
    page.get_by_role("button", name="Sign in as ada").click()
    for name, path in PAGES.items():
        page.goto(hub + path)
        shoot(page, name, scheme, size)


def shoot(page, name, scheme, size):
    page.wait_for_load_state("load")
    page.screenshot(path=FOLDER / f"{name}-{size}-{scheme}.png")
