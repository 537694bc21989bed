"""A hub as it looks after a few weeks: thirty Spaces of all kinds and in all states, and people who talk about them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

from sqlalchemy import update

from minispaces_contract.logstream import Kind
from minispaces_contract.messages import Artifact
from minispaces_contract.states import ArtifactKind, BuildStatus, InstanceStatus, Sdk
from minispaces_contract.usage import AppUsage, MachineUsage, UsageReport
from minispaces_platform.access import Actor
from minispaces_platform.actors import actor_of_user
from minispaces_platform.database import now
from minispaces_platform.discussions import service as discussions
from minispaces_platform.gallery import collections
from minispaces_platform.models.accounts import User
from minispaces_platform.models.builds import Build
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.models.likes import Like
from minispaces_platform.models.roles import Visibility
from minispaces_platform.models.spaces import Space
from minispaces_platform.models.visits import VisitDay
from minispaces_platform.repos import commits
from minispaces_platform.repos.changes import Put
from minispaces_platform.spaces.service import find_space_by_id, get_space
from minispaces_platform.thumbnails import service as thumbnails
from minispaces_platform.usage.service import record_usage

PEOPLE = ("ada", "grace", "linus", "marie-curie", "tim")
_DEMOS = """
ada|chest-xray|Chest X-ray triage|🫁|blue indigo|gradio|vision medicine|Marks the films a radiologist should see first
grace|sql-copilot|SQL copilot|🧮|green blue|streamlit|text data|Ask the warehouse in plain words
ada|voice-notes|Voice notes|🎙️|pink purple|gradio|audio text|Speech to text, then to tasks
linus|patch-review|Patch review|🔍|gray indigo|docker|code text|Reads a diff and asks the right questions
grace|churn-2026|Churn explorer|📉|yellow red|streamlit|data|Why customers leave, by segment and season
linus|map-of-papers|A map of our papers|🗺️|purple pink|static|text maps|Eleven thousand abstracts on one page
ada|receipts|Receipt reader|🧾|red yellow|gradio|vision finance|Photo in, ledger line out
tim|depth|Depth from one photo|🏔️|indigo green|gradio|vision 3d|Monocular depth, with a scene to turn around
tim|whisper-live|Whisper, live|👂|blue green|gradio|audio|Captions while you speak, in forty languages
marie-curie|route-planner|Route planner|🚚|green yellow|docker|maps|Vans, time windows and warehouses
marie-curie|protein|Protein viewer|🧬|purple blue|static|biology 3d|Folds, coloured by confidence
tim|say-it|Say it|🗣️|red pink|gradio|audio|Text to speech in the team's own voices
grace|handwriting|Old handwriting|📜|yellow gray|gradio|vision|Transcribes letters of the 1890s
linus|sensors|Sensor anomalies|📡|gray red|streamlit|data|What the pumps did last night
ada|house-chat|House chat|💬|indigo purple|gradio|text|The handbook answers
tim|palette|Palette from a picture|🎨|pink yellow|static|design|Five colours that belong together
marie-curie|spectra|Spectrum matcher|🔬|blue purple|streamlit|chemistry data|Which compound is in the sample?
linus|bench-board|Model benchmark|🏁|gray blue|static|data|All our models on all our tasks, every night
grace|forecast|Demand forecast|📦|green indigo|streamlit|data finance|Twelve weeks ahead, with honest intervals
tim|lip-sync|Lip sync|👄|red purple|gradio|video audio|Makes a portrait say it
ada|captions|Caption this|🖼️|yellow green|gradio|vision text|One picture, five captions, pick the best
marie-curie|leaf-doctor|Leaf doctor|🌿|green green|gradio|vision biology|What ails this plant, and what helps
linus|trace-viewer|Trace viewer|🧵|indigo blue|docker|code|Follow one request through forty services
grace|survey|Survey digest|📝|pink red|streamlit|text|Two thousand answers on one page
tim|music-box|Music box|🎹|purple red|gradio|audio|Hum four bars, get sixteen
ada|translate|House translator|🌍|blue yellow|gradio|text|Speaks our product names
marie-curie|crystal|Crystal growth|💎|blue pink|static|3d chemistry|A simulation that runs in the browser
linus|on-call|On-call helper|🚨|red gray|docker|code text|Reads the alert and the runbook for you
grace|pricing|Price playground|🏷️|yellow pink|streamlit|finance|What if it cost ten percent more?
tim|new-idea|New idea|🌱|green yellow|||
"""
_PICTURED = 14
_LOG = [
    (Kind.HEADER, "Gradio app (sdk: gradio 6.3.0, Python 3.12)"),
    (Kind.LINE, "app_file app.py, port 7860"),
    (Kind.WARNING, "requirements.txt names torch without a version; taking what was current on 2026-03-02"),
    (Kind.HEADER, "Installing packages"),
    (Kind.LINE, "\x1b[2mResolved \x1b[1m84 packages\x1b[0m\x1b[2m in 412ms\x1b[0m"),
    (Kind.LINE, "\x1b[36mDownloading\x1b[39m torch \x1b[2m(198.4MiB)\x1b[0m"),
    (Kind.LINE, "\x1b[2mInstalled \x1b[1m84 packages\x1b[0m\x1b[2m in 1.31s\x1b[0m"),
    (Kind.LINE, " \x1b[32m+\x1b[39m \x1b[1mtorch\x1b[0m\x1b[2m==2.10.0\x1b[0m"),
    (Kind.HEADER, "Starting the app"),
    (Kind.LINE, "* Running on local URL:  http://0.0.0.0:7860"),
]
_TRACEBACK = """Traceback (most recent call last):
  File "/home/user/app/app.py", line 3, in <module>
    model = load("zoo-v2")
FileNotFoundError: zoo-v2.safetensors"""
_README = """---
title: Chest X-ray triage
emoji: 🫁
colorFrom: blue
colorTo: indigo
sdk: gradio
short_description: Marks the films a radiologist should see first
tags: [vision, medicine]
---
# Chest X-ray triage

Marks the films that a radiologist should see first. **Research only**: it has seen 112,000 films of one hospital.

| finding | AUC | films |
|---|---|---|
| Pneumothorax | 0.94 | 5,302 |
| Effusion | 0.91 | 13,317 |
| Nodule | 0.83 | 6,331 |

- [x] Calibrated scores
- [x] Heat map beside the film
- [ ] Lateral views

```python
from gradio_client import Client
Client("http://ada-chest-xray.apps.example.com").predict("film.png", api_name="/triage")
```
"""
_APP = '''import gradio as gr

from model import heat_map, triage

LABELS = ["Pneumothorax", "Effusion", "Nodule"]


def look(film):
    """Scores and a heat map, worst finding first."""
    scores = triage(film)
    return dict(zip(LABELS, scores)), heat_map(film, scores.argmax())


gr.Interface(look, gr.Image(label="Film"), [gr.Label(), gr.Image()], flagging_mode="manual").launch()
'''


def fill(world: Any, picture: Callable[[str, str, str], bytes]) -> dict[str, User]:
    """`picture` draws what an app looks like, from its title and two colours."""
    people = {name: world.add_user(name, admin=name == "ada") for name in PEOPLE}
    rows = [line.split("|") for line in _DEMOS.strip().splitlines()]
    made = {row[1]: _add(world, people[row[0]], row[1:]) for row in rows}
    for row in rows[:_PICTURED]:
        _keep_picture(world, made[row[1]], picture(row[2], *row[4].split()))
    _set_states(world, made)
    _like_and_visit(world, people, made)
    _write_files(world, made["chest-xray"])
    _talk(world, people, made["chest-xray"])
    _curate(world, people["ada"])
    _use(world, list(made.values())[:9])
    return people


def _add(world: Any, owner: User, row: list[str]) -> Space:
    name, title, emoji, colours, sdk, tags, text = row
    start, end = colours.split()
    card = {"title": title, "emoji": emoji, "color_from": start, "color_to": end, "short_description": text}
    if not sdk:
        return world.add_space(owner, name, **card)
    return world.add_live_space(owner, name, **card, sdk=Sdk(sdk), tags=tuple(tags.split()))


def _keep_picture(world: Any, space: Space, picture: bytes) -> None:
    with world.parts.database.writing() as session:
        newest = session.query(Deployment.id).filter_by(space_id=space.id).scalar()
        thumbnails.keep(session, world.parts, newest, picture)


def _set_states(world: Any, made: dict[str, Space]) -> None:
    failed = world.add_build(
        made["churn-2026"], BuildStatus.FAILED, message="Add the season filter",
        error="requirements.txt, line 4: there is no package named panads. Did you mean pandas?",
    )  # fmt: skip
    world.write_build_log(failed, "Resolving 12 requirements")
    world.write_build_log(failed, "requirements.txt, line 4: panads was not found in the registry", kind=Kind.ERROR)
    building = world.add_build(made["voice-notes"], BuildStatus.BUILDING, message="Speak Dutch too")
    for kind, line in _LOG:
        world.write_build_log(building, line, kind=kind)
    words = "The app ended with exit code 1 before port 7860 opened."
    crashed = world.add_build(made["lip-sync"])
    world.add_deployment(crashed, InstanceStatus.FAILED, detail=words, log_tail=_TRACEBACK)
    stopped = [made[name].id for name in ("forecast", "survey", "crystal", "music-box", "leaf-doctor")]
    with world.parts.database.writing() as session:
        session.execute(
            update(Deployment).where(Deployment.space_id.in_(stopped)).values(observed=InstanceStatus.STOPPED)
        )
    world.change(made["map-of-papers"], visibility=Visibility.INTERNAL)
    world.change(made["pricing"], visibility=Visibility.PRIVATE)
    _add_history(world, made["chest-xray"])


def _add_history(world: Any, space: Space) -> None:
    artifact = Artifact(kind=ArtifactKind.BUNDLE, reference="x", sdk=Sdk.GRADIO, size_bytes=3_600_000)
    for message, status, seconds in (
        ("Show the heat map beside the film", BuildStatus.SUCCEEDED, 2.4),
        ("Try the larger model", BuildStatus.FAILED, 31),
        ("Back to the small model, with calibrated scores", BuildStatus.SUCCEEDED, 2.1),
    ):
        times = {"started_at": now() - timedelta(seconds=seconds), "finished_at": now()}
        good = status is BuildStatus.SUCCEEDED
        words = (
            {"artifact": artifact} if good else {"error": "The model needs 9 GB of memory; this Space may use 4 GB."}
        )
        build = world.add_build(space, status, message=message, **times, **words)
        if good:
            world.add_deployment(build)


def _like_and_visit(world: Any, people: dict[str, User], made: dict[str, Space]) -> None:
    likes, today = cycle([1240, 58, 312, 12, 999, 7, 86, 20400, 3, 141]), now().date()
    with world.parts.database.writing() as session:
        for at, space in enumerate(made.values()):
            row = session.get_one(Space, space.id)
            row.likes, row.trending, row.visits = next(likes), 40.0 - at, 37 * (40 - at)
            session.add_all(
                VisitDay(space_id=space.id, day=today - timedelta(ago), visits=(at * 7 + ago * 13) % 41 + 3)
                for ago in range(24)
            )
            fans = list(people.values())[: at % 5 + 1]
            session.add_all(Like(space_id=space.id, user_id=user.id) for user in fans)


def _write_files(world: Any, space: Space) -> None:
    files = {
        "README.md": _README, "app.py": _APP, "requirements.txt": "gradio==6.3.0\ntorch\nnumpy\n",
        "model/__init__.py": "from .net import heat_map, triage\n", "model/net.py": "def triage(film): ...\n",
        "notebooks/calibration.ipynb": '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    }  # fmt: skip
    with world.parts.database.reading() as session:
        actor = actor_of_user(session, session.get_one(User, space.owner_id))
        found = find_space_by_id(session, space.id)
    puts = [Put(path, text.encode()) for path, text in files.items()]
    commits.commit(world.parts, found, actor, puts, message="Back to the small model, with calibrated scores")
    with world.parts.database.writing() as session:
        newest = session.query(Space.versions).filter_by(id=space.id).scalar()
        build = session.query(Build).filter_by(space_id=space.id, version=newest).one()
        build.status, build.started_at, build.finished_at = BuildStatus.SUCCEEDED, now(), now()
    world.add_deployment(build)


def _talk(world: Any, people: dict[str, User], space: Space) -> None:
    with world.parts.database.writing() as session:
        row, who = find_space_by_id(session, space.id), {name: Actor(user) for name, user in people.items()}
        for name, title, text in (
            ("tim", "Could it read DICOM?", "Our scanners write `.dcm`; converting takes longer than looking."),
            ("grace", "Which films was it trained on?", "I'd like to cite the data set. Is it the **2024** export?"),
            ("linus", "A film that it gets wrong", "Rotated by 90 degrees it says *nodule*, with 0.98."),
        ):  # fmt: skip
            begun = discussions.start_discussion(session, who[name], row, title=title, text=text)
        answers = (
            ("ada", "Thank you @linus, that is a good one. It never saw rotated films; I will add them tonight."),
            ("marie-curie", "Same here, with a film of ours:\n\n> 0.97 nodule\n\nAnd after turning: `0.04`."),
            ("linus", "Fixed in version 6, thanks!"),
        )  # fmt: skip
        for name, text in answers:
            discussions.add_comment(session, who[name], row, begun, text=text)


def _curate(world: Any, ada: User) -> None:
    shelves = {
        "Start here": ("What new colleagues ask for first: four demos that show what we do.",
                       ["ada/chest-xray", "grace/sql-copilot", "ada/house-chat", "tim/whisper-live"]),
        "Sound and speech": ("Everything that listens or talks.",
                             ["tim/say-it", "ada/voice-notes", "tim/whisper-live"]),
        "Best of vision": ("", ["tim/depth", "ada/receipts", "marie-curie/leaf-doctor", "grace/handwriting"]),
    }  # fmt: skip
    with world.parts.database.writing() as session:
        me = actor_of_user(session, session.get_one(User, ada.id))
        for title, (text, spaces) in shelves.items():
            made = collections.create_collection(
                session, me, session.get_one(User, ada.id), title=title, description=text
            )
            for name in spaces:
                collections.add_item(session, me, made, full_name=get_space(session, *name.split("/")).full_name)
            collections.set_featured(session, me, made, featured=True)


def _use(world: Any, spaces: list[Space]) -> None:
    """An hour of it."""
    machine = MachineUsage(
        processors=16, cpus=5.2, memory=41 << 30, memory_total=64 << 30, disk=310 << 30, disk_total=960 << 30,
        engine="process", isolation="Apps run in namespaces of their own, with limits kept by cgroups.",
    )  # fmt: skip
    for minute in range(60):
        apps = tuple(
            AppUsage(
                deployment_id=f"d{at}", space_id=space.id, cpus=0.2 + (minute * (at + 3) % 17) / 12,
                memory=(300 + 40 * at + (minute * 29 if at == 0 else minute * at % 60)) << 20, memory_limit=4 << 30,
                disk=(30 + 90 * at) << 20, sent=(minute * 7 % 31) << 15, received=1 << 14,
            )
            for at, space in enumerate(spaces)
        )  # fmt: skip
        at = datetime.now(UTC) - timedelta(minutes=59 - minute)
        load = machine.model_copy(update={"cpus": 3 + minute * 5 % 23 / 5, "memory": (36 << 30) + (minute << 26)})
        with world.parts.database.writing() as session:
            record_usage(session, UsageReport(at=at, seconds=60, machine=load, apps=apps))
