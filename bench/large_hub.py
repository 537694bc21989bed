"""A generated hub: 100,000 Spaces, 10,000 people, 1,000,000 likes. Alike each time."""

import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, insert, select, text, update
from sqlalchemy.orm import joinedload

from minispaces_contract.messages import AppConfig, Artifact, Hardware
from minispaces_contract.states import ArtifactKind, BuildStatus, DesiredState, InstanceStatus, Sdk
from minispaces_platform.database import Database, now
from minispaces_platform.gallery.words import words_of
from minispaces_platform.models import Base
from minispaces_platform.models.builds import Phases, Revision
from minispaces_platform.models.card import SpaceCard
from minispaces_platform.models.roles import Visibility
from minispaces_platform.models.spaces import Space
from minispaces_platform.repos.store import RepositoryStore

SPACES, PEOPLE, LIKES = 100_000, 10_000, 1_000_000
_BATCH = 5_000
WORDS = """
audio image video text speech depth segment whisper diffusion caption translate summary chart table
graph map news paper review code patch bug test search vector embed cluster topic sentiment emotion
face pose hand object detect track count crowd traffic road plant leaf cell xray scan heart lung
brain gene protein molecule drug price stock risk fraud churn sales forecast weather wave wind solar
grid battery robot arm drone game chess go music melody drum voice clone story poem recipe travel
hotel flight city house room light sound colour style
""".split()  # noqa: SIM905 - a list literal fills a page
_EMOJI = "🚀🎨🎧📷🧠🗺️📈🧪🤖🎲📚🔎🌱🎬🧬"
_COLOURS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
_LIKES = {
    "postgresql": """
        INSERT INTO likes (space_id, user_id, created_at)
        SELECT lpad(to_hex((:spaces * power(((n::bigint * 2654435761) % 1000003) / 1000003.0, 3))::int), 32, '0'),
            'p' || lpad(to_hex((n::bigint * 48271) % :people), 31, '0'), now() - (n % 400) * interval '1 day'
        FROM generate_series(0, :likes - 1) n ON CONFLICT DO NOTHING""",
    "sqlite": """
        WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < :likes - 1)
        INSERT OR IGNORE INTO likes (space_id, user_id, created_at)
        SELECT printf('%032x', CAST(:spaces * pow(((n * 2654435761) % 1000003) / 1000003.0, 3) AS INTEGER)),
            printf('p%031x', (n * 48271) % :people),
            strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || (n % 400) || ' days') FROM c""",
}
"""Few Spaces have most of them."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One Space of the hub, decided by its number."""

    number: int
    dice: random.Random
    at: datetime

    @property
    def id(self) -> str:
        return f"{self.number:032x}"


def generate(database: Database) -> None:
    tables = Base.metadata.tables
    with database.engine.execution_options(writes=True).begin() as connection:
        _insert(connection, tables["namespaces"], _namespaces())
        _insert(connection, tables["users"], ({"id": person_id(n), "is_admin": False} for n in range(PEOPLE)))
        for name in ("spaces", "revisions", "builds", "deployments", "search_texts", "space_tags"):
            _insert(connection, tables[name], (row for draft in _drafts() for row in _ROWS[name](draft)))
        sizes = {"spaces": SPACES - 1, "people": PEOPLE, "likes": LIKES}
        connection.execute(text(_LIKES[database.engine.dialect.name]), sizes)
        count = "(SELECT count(*) FROM likes WHERE space_id = spaces.id)"
        connection.execute(text(f"UPDATE spaces SET likes = {count}, visits = {count} * 37"))
    with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql(
            "VACUUM ANALYZE" if database.engine.dialect.name == "postgresql" else "PRAGMA optimize"
        )


def some_spaces(database: Database, store: RepositoryStore, *, count: int) -> list[str]:
    """Addresses of those that everybody may read; their repositories are one, with a README."""
    public = select(Space).where(Space.visibility == Visibility.PUBLIC, Space.id > f"{500:032x}").limit(count)
    with database.writing() as session:
        spaces = session.scalars(public.options(joinedload(Space.owner))).all()
        ids = [space.id for space in spaces]
        repository = store.create(ids[0])
        commit = _commit_readme(repository)
        session.execute(update(Revision).where(Revision.space_id.in_(ids)).values(commit=commit))
        for space_id in ids[1:]:
            store.path(space_id).symlink_to(repository)
        return [f"/spaces/{space.full_name}" for space in spaces]


def _commit_readme(folder: Path) -> str:
    words = random.Random(1)
    text = "# Read me\n\n" + "\n\n".join(" ".join(words.choices(WORDS, k=80)) for _ in range(20))
    blob = _git(folder, "hash-object", "-w", "--stdin", feed=text)
    tree = _git(folder, "mktree", feed=f"100644 blob {blob}\tREADME.md\n")
    return _git(folder, "-c", "user.name=x", "-c", "user.email=x", "commit-tree", tree, feed="Begin")


def _git(folder: Path, *argv: str, feed: str) -> str:
    command = ["git", "--git-dir", str(folder), *argv]
    return subprocess.run(command, input=feed, check=True, capture_output=True, text=True).stdout.strip()


def person_id(number: int) -> str:
    return f"p{number:031x}"


def _insert(connection: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            connection.execute(insert(table), batch)
            batch = []
    if batch:
        connection.execute(insert(table), batch)


def _namespaces() -> Iterator[dict[str, Any]]:
    for number in range(PEOPLE):
        yield {"id": person_id(number), "kind": "user", "name": f"person-{number}", "full_name": f"Person {number}"}


def _drafts() -> Iterator[Draft]:
    at = now()
    return (Draft(number, random.Random(number), at) for number in range(SPACES))


def _said(draft: Draft) -> tuple[list[str], list[str]]:
    """Words of the title, and tags."""
    dice = random.Random(draft.number)
    return dice.choices(WORDS, k=3), dice.sample(WORDS, k=3)


def _space(draft: Draft) -> Iterator[dict[str, Any]]:
    title, tags = _said(draft)
    dice = draft.dice
    card = SpaceCard(
        title=" ".join(title).capitalize(), emoji=dice.choice(_EMOJI), color_from=dice.choice(_COLOURS),
        color_to=dice.choice(_COLOURS), sdk=dice.choice(list(Sdk)), tags=tuple(tags),
        short_description=f"Shows what {dice.choice(WORDS)} can do with {dice.choice(WORDS)}",
    )  # fmt: skip
    visibility = dice.choices(list(Visibility), weights=[80 if it == "public" else 7 for it in Visibility])[0]
    hardware = Hardware() if dice.random() < 0.95 else Hardware(name="t4-small", gpus=1)
    yield {
        "id": draft.id, "owner_id": person_id(dice.randrange(PEOPLE)), "name": f"{'-'.join(title)}-{draft.number}",
        "host_label": f"space-{draft.number}", "visibility": visibility, "card": card, "hardware": hardware,
        "hardware_name": hardware.name, "sdk": card.sdk, "versions": 1,
        "trending": max(0.0, dice.expovariate(1) - 1), "created_at": draft.at - timedelta(hours=SPACES - draft.number),
    }  # fmt: skip


def _revision(draft: Draft) -> Iterator[dict[str, Any]]:
    yield {"id": draft.id, "space_id": draft.id, "branch": "main", "commit": "c" * 40, "config": AppConfig()}


def _build(draft: Draft) -> Iterator[dict[str, Any]]:
    status = BuildStatus.FAILED if draft.number % 20 == 0 else BuildStatus.SUCCEEDED
    yield {"id": draft.id, "space_id": draft.id, "revision_id": draft.id, "version": 1, "status": status,
           "timing": Phases(), "error": "It broke."}  # fmt: skip


def _deployment(draft: Draft) -> Iterator[dict[str, Any]]:
    if draft.number % 20:
        observed = InstanceStatus.RUNNING if draft.number % 3 else InstanceStatus.STOPPED
        artifact = Artifact(kind=ArtifactKind.BUNDLE, reference="x", sdk=Sdk.GRADIO)
        yield {"id": draft.id, "space_id": draft.id, "build_id": draft.id, "version": 1, "commit": "c" * 40,
               "artifact": artifact, "hardware": Hardware(), "startup_seconds": 60.0, "desired": DesiredState.RUNNING,
               "observed": observed}  # fmt: skip


def _search_text(draft: Draft) -> Iterator[dict[str, Any]]:
    title, tags = _said(draft)
    readme = words_of(*draft.dice.choices(WORDS, k=60), f"number {draft.number}")
    yield {
        "id": draft.number + 1,
        "space_id": draft.id,
        "owner": "person",
        "names": words_of(*title, *tags),
        "readme": readme,
    }


def _tags(draft: Draft) -> Iterator[dict[str, Any]]:
    for tag in _said(draft)[1]:
        yield {"tag": tag, "space_id": draft.id}


_ROWS = {
    "spaces": _space, "revisions": _revision, "builds": _build, "deployments": _deployment,
    "search_texts": _search_text, "space_tags": _tags,
}  # fmt: skip
