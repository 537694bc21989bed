"""A generated hub: 100,000 Spaces, 10,000 people, 1,000,000 likes. Alike each time."""

import random
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, case, func, insert, literal, select, text, update
from sqlalchemy.orm import joinedload

from bench.bulk import load, without_indexes
from minispaces_contract.messages import AppConfig, Artifact, Hardware
from minispaces_contract.states import ArtifactKind, DesiredState, Sdk
from minispaces_platform.database import Database, now
from minispaces_platform.gallery.words import words_of
from minispaces_platform.models import Base
from minispaces_platform.models.builds import Phases, Revision
from minispaces_platform.models.card import SpaceCard
from minispaces_platform.models.roles import Visibility
from minispaces_platform.models.spaces import Space
from minispaces_platform.models.stages import STAGES
from minispaces_platform.repos.store import RepositoryStore

SPACES, PEOPLE, LIKES = 100_000, 10_000, 1_000_000
_BATCH = 10_000
WORDS = """
audio image video text speech depth segment whisper diffusion caption translate summary chart table
graph map news paper review code patch bug test search vector embed cluster topic sentiment emotion
face pose hand object detect track count crowd traffic road plant leaf cell xray scan heart lung
brain gene protein molecule drug price stock risk fraud churn sales forecast weather wave wind solar
grid battery robot arm drone game chess go music melody drum voice clone story poem recipe travel
hotel flight city house room light sound colour style
""".split()  # noqa: SIM905 - a list literal fills a page
_EMOJI = ["🚀", "🎨", "🎧", "📷", "🧠", "🗺️", "📈", "🧪", "🤖", "🎲", "📚", "🔎", "🌱", "🎬", "🧬"]
_COLOURS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
_LIKES = {
    "postgresql": """
        INSERT INTO likes (space_id, user_id, created_at)
        SELECT lpad(to_hex((:spaces * power(((n::bigint * 2654435761) % 1000003) / 1000003.0, 3))::int), 32, '0'),
            'p' || lpad(to_hex((n::bigint * 48271) % :people), 31, '0'), now() - (n % 400) * interval '1 day'
        FROM generate_series(0, :likes - 1) n ORDER BY 1, 2 ON CONFLICT DO NOTHING""",
    "sqlite": """
        WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < :likes - 1)
        INSERT OR IGNORE INTO likes (space_id, user_id, created_at)
        SELECT printf('%032x', CAST(:spaces * pow(((n * 2654435761) % 1000003) / 1000003.0, 3) AS INTEGER)),
            printf('p%031x', (n * 48271) % :people),
            strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || (n % 400) || ' days') FROM c ORDER BY 1, 2""",
}
"""Few Spaces have most of them."""


Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """One Space of the hub, decided by its number."""

    space: Row
    search_text: Row
    tags: list[Row]


def generate(database: Database) -> None:
    with database.engine.connect() as connection:
        with without_indexes(connection):
            _fill(connection)
        connection.execute(text("ANALYZE"))
        connection.execute(text(f"INSERT INTO space_stages (space_id, stage) {STAGES}"))
        connection.commit()
    with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql(
            "VACUUM ANALYZE" if database.engine.dialect.name == "postgresql" else "PRAGMA optimize"
        )


def _fill(connection: Connection) -> None:
    tables = Base.metadata.tables
    load(connection, tables["namespaces"], _people())
    load(connection, tables["users"], ({"id": person_id(n)} for n in range(PEOPLE)))
    drafts = _drafts()
    while batch := list(islice(drafts, _BATCH)):
        load(connection, tables["spaces"], (draft.space for draft in batch))
        load(connection, tables["search_texts"], (draft.search_text for draft in batch))
        load(connection, tables["space_tags"], (row for draft in batch for row in draft.tags))
    for name, values in (("revisions", _REVISION), ("builds", _BUILD), ("deployments", _DEPLOYMENT)):
        _derive(connection, tables[name], values)
    sizes = {"spaces": SPACES - 1, "people": PEOPLE, "likes": LIKES}
    connection.execute(text(_LIKES[connection.dialect.name]), sizes)
    count = "(SELECT count(*) FROM likes WHERE space_id = spaces.id)"
    connection.execute(text(f"UPDATE spaces SET likes = {count}, visits = {count} * 37"))


def some_spaces(database: Database, store: RepositoryStore, *, count: int) -> list[str]:
    """Addresses of those that everybody may read; each has a repository with a README."""
    public = select(Space).where(Space.visibility == Visibility.PUBLIC, Space.id > f"{500:032x}").limit(count)
    with database.writing() as session:
        spaces = session.scalars(public.options(joinedload(Space.owner))).all()
        ids = [space.id for space in spaces]
        repository = store.create(ids[0])
        commit = _commit_readme(repository)
        session.execute(update(Revision).where(Revision.space_id.in_(ids)).values(commit=commit))
        for space_id in ids[1:]:
            shutil.copytree(repository, store.path(space_id))
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


def _people() -> Iterator[Row]:
    for number in range(PEOPLE):
        yield {"id": person_id(number), "kind": "user", "name": f"person-{number}", "full_name": f"Person {number}"}


def _drafts() -> Iterator[Draft]:
    at = now()
    return (_draft(number, random.Random(number), at) for number in range(SPACES))


def _draft(number: int, dice: random.Random, at: datetime) -> Draft:
    title, tags, space_id = dice.choices(WORDS, k=3), dice.sample(WORDS, k=3), f"{number:032x}"
    readme = words_of(*dice.choices(WORDS, k=60), f"number {number}")
    words = {"id": number + 1, "space_id": space_id, "owner": "person", "names": words_of(*title, *tags)}
    return Draft(
        _space(number, dice, title, tags) | {"id": space_id, "created_at": at - timedelta(hours=SPACES - number)},
        words | {"readme": readme},
        [{"tag": tag, "space_id": space_id} for tag in tags],
    )


def _space(number: int, dice: random.Random, title: list[str], tags: list[str]) -> Row:
    card = SpaceCard(
        title=" ".join(title).capitalize(), emoji=dice.choice(_EMOJI), color_from=dice.choice(_COLOURS),
        color_to=dice.choice(_COLOURS), sdk=dice.choice(list(Sdk)), tags=tuple(tags),
        short_description=f"Shows what {dice.choice(WORDS)} can do with {dice.choice(WORDS)}",
    )  # fmt: skip
    visibility = dice.choices(list(Visibility), weights=[80 if it == "public" else 7 for it in Visibility])[0]
    hardware = Hardware() if dice.random() < 0.95 else Hardware(name="t4-small", gpus=1)
    return {
        "owner_id": person_id(dice.randrange(PEOPLE)), "name": f"{'-'.join(title)}-{number}",
        "host_label": f"space-{number}", "visibility": visibility, "card": card, "hardware": hardware,
        "hardware_name": hardware.name, "sdk": card.sdk, "versions": 1,
        "trending": max(0.0, dice.expovariate(1) - 1),
    }  # fmt: skip


def _derive(connection: Connection, table: Table, values: Row) -> None:
    """A row for each Space, in the database itself; `values` are constants, or follow from the Space."""
    spaces = Base.metadata.tables["spaces"]
    columns = {"id": spaces.c.id, "space_id": spaces.c.id} | {
        name: value if isinstance(value, ColumnElement) else literal(value, table.c[name].type)
        for name, value in values.items()
    }
    connection.execute(insert(table).from_select(list(columns), select(*columns.values()).select_from(spaces)))


def _by_last_digit(**found: str) -> ColumnElement[str]:
    """Spaces' numbers end in a hexadecimal digit: each has its share of them."""
    spaces = Base.metadata.tables["spaces"]
    last = func.substr(spaces.c.id, 32, 1)
    return case(*((last.in_(list(digits)), literal(value)) for value, digits in found.items()))


_ID = Base.metadata.tables["spaces"].c.id
_REVISION = {"branch": "main", "commit": "c" * 40, "config": AppConfig()}
_BUILD = {
    "revision_id": _ID, "version": 1, "timing": Phases(), "error": "It broke.",
    "status": _by_last_digit(failed="0", succeeded="123456789abcdef"),
}  # fmt: skip
_DEPLOYMENT = {
    "build_id": _ID, "version": 1, "commit": "c" * 40, "hardware": Hardware(), "startup_seconds": 60.0,
    "artifact": Artifact(kind=ArtifactKind.BUNDLE, reference="x", sdk=Sdk.GRADIO), "desired": DesiredState.RUNNING,
    "observed": _by_last_digit(failed="0", running="123456789", sleeping="abcdef"),
}  # fmt: skip
