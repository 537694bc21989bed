"""The verdict on a push, before its refs move: read from git's quarantine, in words for the pusher."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from minispaces_platform.names import is_branch_name
from minispaces_platform.repos.store import RepositoryStore
from minispaces_platform.repos.tree import TreeError, check_symlink, check_tree, parse_tree
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.spaces.config import ReadConfig, read_config
from minispaces_platform.spaces.frontmatter import FrontMatterError

MAX_REFS = 100
README_MAX = 1 << 20
ZERO = "0" * 40


@dataclass(frozen=True, slots=True)
class RefUpdate:
    old: str
    new: str
    ref: str

    @property
    def branch(self) -> str | None:
        return self.ref.removeprefix("refs/heads/") if self.ref.startswith("refs/heads/") else None

    @property
    def deletes(self) -> bool:
        return self.new == ZERO


@dataclass(slots=True)
class Verdict:
    """`lines` go to the pusher either way; `config` is that of the commit to deploy, if one was pushed."""

    accepted: bool = True
    lines: list[str] = field(default_factory=list)
    config: ReadConfig | None = None
    default_branch: str = "main"


class Refusal(Exception):  # noqa: N818 - it is no error of ours
    def __init__(self, code: str, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.lines = [f"error {code}: {message}"] + ([f"hint: {hint}"] if hint else [])


def parse_question(text: str) -> tuple[str, list[RefUpdate]]:
    """What the pre-receive hook asks: the quarantine's path, then one line per ref."""
    quarantine, *lines = text.splitlines()
    return quarantine, [RefUpdate(*line.split(" ", 2)) for line in lines]


def choose_default_branch(current: str, updates: list[RefUpdate], *, unborn: bool) -> str:
    """`main`, unless the very first push brings `master` alone: older git calls it so."""
    pushed = [update.branch for update in updates if update.branch and not update.deletes]
    return "master" if unborn and pushed == ["master"] else current


def inspect_push(
    updates: list[RefUpdate],
    *,
    repository: Path,
    quarantine: str,
    default_branch: str,
    store: RepositoryStore,
    settings: PlatformSettings,
) -> Verdict:
    """Decide. Never raises for what a user can push."""
    reader = _Quarantine(repository, quarantine, store)
    verdict = Verdict(default_branch=default_branch)
    try:
        _check_refs(updates, default_branch)
        for commit in {update.new for update in updates if update.branch and not update.deletes}:
            verdict.lines += [f"warning: {words}" for words in reader.check(commit, settings)]
        for update in updates:
            if update.branch == default_branch and not update.deletes:
                verdict.config = reader.config(update.new)
    except Refusal as refusal:
        return Verdict(accepted=False, lines=refusal.lines)
    except TreeError as error:
        return Verdict(accepted=False, lines=Refusal(error.code, error.message, hint=error.hint).lines)
    except FrontMatterError as error:
        return Verdict(accepted=False, lines=Refusal("E_CONFIG", str(error)).lines)
    return verdict


def _check_refs(updates: list[RefUpdate], default_branch: str) -> None:
    if len(updates) > MAX_REFS:
        raise Refusal("E_TOO_MANY_REFS", f"{len(updates)} refs in one push; {MAX_REFS} are allowed")
    for update in updates:
        shown = update.ref[:120].encode("unicode_escape").decode()
        if not update.ref.startswith(("refs/heads/", "refs/tags/")):
            raise Refusal("E_REF_PREFIX", f"only branches and tags can be pushed, not {shown}")
        if not is_branch_name(update.ref.split("/", 2)[2]):
            raise Refusal("E_REF_NAME", f"branch names may use A-Z a-z 0-9 . _ / - (got {shown})")
        if update.deletes and update.branch == default_branch:
            raise Refusal("E_DEFAULT_BRANCH", f"cannot delete the deployed branch {default_branch}")


class _Quarantine:
    """Objects that have arrived but are not yet part of the repository."""

    def __init__(self, repository: Path, quarantine: str, store: RepositoryStore) -> None:
        self.repository = repository
        self.environment = store.environment | {
            "GIT_OBJECT_DIRECTORY": quarantine or str(repository / "objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(repository / "objects"),
        }

    def git(self, *argv: str, stdin: bytes = b"") -> bytes:
        return subprocess.run(
            ["git", "--git-dir", str(self.repository), *argv],
            env=self.environment, input=stdin, capture_output=True, check=True, timeout=60,
        ).stdout  # fmt: skip

    def check(self, commit: str, settings: PlatformSettings) -> list[str]:
        listing = self.git("ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options", commit)
        entries = list(parse_tree(listing))
        warnings = check_tree(entries, max_files=settings.max_files, max_file_mb=settings.max_file_mb)
        links = [entry for entry in entries if entry.mode == "120000"]
        if len(links) > MAX_REFS * 10:
            raise TreeError("E_SYMLINK", f"{len(links):,} symbolic links; 1,000 are allowed")
        for link, target in zip(links, self.blobs([link.object for link in links]), strict=True):
            check_symlink(link.path, target)
        return warnings

    def blobs(self, objects: list[str]) -> list[bytes]:
        answer = self.git("cat-file", "--batch", stdin="".join(f"{sha}\n" for sha in objects).encode())
        found: list[bytes] = []
        for _ in objects:
            head, answer = answer.split(b"\n", 1)
            size = int(head.rsplit(b" ", 1)[1])
            found.append(answer[:size])
            answer = answer[size + 1 :]
        return found

    def config(self, commit: str) -> ReadConfig:
        """Raises FrontMatterError."""
        entries = parse_tree(self.git("ls-tree", "-z", "-l", "--full-tree", "--end-of-options", commit))
        readmes = [entry for entry in entries if entry.path.lower() == b"readme.md"]
        if not readmes:
            return read_config(None)
        readme = max(readmes, key=lambda entry: entry.path == b"README.md")
        if readme.mode == "120000":
            raise FrontMatterError("README.md is a symbolic link; make it a file")
        if not readme.mode.startswith("100"):
            raise FrontMatterError("README.md is a directory; make it a file")
        return read_config(self.git("cat-file", "blob", readme.object)[:README_MAX])


def read_config_of(store: RepositoryStore, space_id: str, commit: str) -> ReadConfig:
    """The front matter of a commit that has landed; what cannot be read counts as none."""
    try:
        return _Quarantine(store.path(space_id), "", store).config(commit)
    except FrontMatterError:
        return read_config(None)
