"""Reading a repository for pages: one question to git each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from minispaces_platform.errors import NotFoundError
from minispaces_platform.files.address import Place, Refs, commit_of, is_sane, split
from minispaces_platform.repos.reading import GitError, Repository, ask, running

MAX_REFS = 500
MAX_ENTRIES = 2_000
"""Of a folder that a page lists."""
PAGE_SIZE = 50
_FORMAT = "%H%x00%P%x00%an%x00%at%x00%s%x00%b"
_FIELDS = 6


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    mode: str
    object: str
    size: int

    @property
    def is_folder(self) -> bool:
        return self.mode == "040000"

    @property
    def is_link(self) -> bool:
        return self.mode == "120000"


@dataclass(frozen=True, slots=True)
class Commit:
    id: str
    parents: tuple[str, ...]
    author: str
    at: datetime
    title: str
    body: str = ""


def list_refs(repository: Repository) -> Refs:
    if not repository.exists:
        return Refs({}, {})
    listing = ask(
        repository, "for-each-ref", "--sort=-creatordate", f"--count={MAX_REFS}",
        "--format=%(refname) %(objectname) %(*objectname)", "refs/heads", "refs/tags",
    )  # fmt: skip
    branches, tags = dict[str, str](), dict[str, str]()
    for name, *names in (line.split() for line in listing.text.splitlines()):
        kind, short = (branches, name[11:]) if name.startswith("refs/heads/") else (tags, name[10:])
        kind[short] = names[-1]
    return Refs(branches, tags)


def find_place(repository: Repository, rest: str, refs: Refs) -> Place:
    """Raises NotFoundError for a revision that is not there; whether the path is, is not asked."""
    revision, path = split(rest, refs)
    commit = commit_of(revision, refs)
    if not is_sane(path):
        raise _no_file(path)
    if revision not in refs.branches:  # a tag may be of anything
        commit = find_commit_id(repository, commit)
    return Place(revision, commit, path, branch=revision if revision in refs.branches else "")


def find_commit_id(repository: Repository, name: str) -> str:
    """The full name. Raises NotFoundError."""
    try:
        return ask(repository, "rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}").text.strip()
    except GitError:
        raise NotFoundError(f"There is no commit {name[:40]!r}.", hint="Look for it in the history.") from None


def find_entry(repository: Repository, place: Place) -> Entry:
    """The file or folder at `place`, its whole path as its name. Raises NotFoundError."""
    if not place.path:
        return Entry("", "040000", place.commit, 0)
    found = _listed(repository, place.commit, "--", place.path) if place.commit else []
    if not found:
        raise _no_file(place.path)
    return found[0]


def list_folder(repository: Repository, place: Place) -> list[Entry]:
    """Folders first."""
    found = _listed(repository, f"{place.commit}:{place.path}")
    return sorted(found, key=lambda entry: (not entry.is_folder, entry.name.lower()))


def _listed(repository: Repository, *argv: str) -> list[Entry]:
    listing = ask(repository, "ls-tree", "-l", "-z", "--full-tree", "--end-of-options", *argv).data
    entries = list[Entry]()
    for line in listing.decode(errors="replace").split("\0"):
        head, tab, name = line.partition("\t")
        if tab:
            mode, _, sha, size = head.split()
            entries.append(Entry(name, mode, sha, int(size) if size.isdecimal() else 0))
    return entries


def read_blob(repository: Repository, sha: str, *, most: int) -> bytes:
    """At most the first `most` bytes."""
    return ask(repository, "cat-file", "blob", sha, most=most).data


def stream_blob(repository: Repository, sha: str) -> Iterator[bytes]:
    with running(repository, "cat-file", "blob", sha, seconds=600) as (_, stdout):
        while chunk := stdout.read(1 << 18):
            yield chunk


def list_commits(repository: Repository, place: Place, *, page: int = 1, most: int = PAGE_SIZE) -> list[Commit]:
    """Newest first; one more than a page, so that the caller sees whether there are more."""
    where = ("--", place.path) if place.path else ()
    options = (f"--skip={(page - 1) * most}", f"--max-count={most + 1}", "-z", f"--format={_FORMAT}")
    answer = ask(repository, "log", *options, "--end-of-options", place.commit, *where)
    return parse_commits(answer.text)


def find_commit(repository: Repository, commit: str) -> Commit:
    answer = ask(repository, "log", "-1", "-z", f"--format={_FORMAT}", "--end-of-options", commit)
    return parse_commits(answer.text)[0]


def parse_commits(text: str) -> list[Commit]:
    """`git log -z` in our format."""
    fields = text.split("\0")
    rows = (fields[start : start + _FIELDS] for start in range(0, len(fields) - _FIELDS + 1, _FIELDS))
    return [
        Commit(sha, tuple(parents.split()), author, _moment(at), title, body.strip())
        for sha, parents, author, at, title, body in rows
    ]


def _moment(seconds: str) -> datetime:
    """Whoever commits says what time it is; nonsense counts as the beginning of time."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _no_file(path: str) -> NotFoundError:
    return NotFoundError(f"There is no file {path[:200]!r} in this revision.", hint="It may be in another one.")
