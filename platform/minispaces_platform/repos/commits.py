"""A commit made by the hub itself, for the browser: through the same inspection and landing as a push."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field

from minispaces_platform.access import Actor
from minispaces_platform.errors import ConflictError, InvalidError
from minispaces_platform.models.accounts import User
from minispaces_platform.models.spaces import Space
from minispaces_platform.names import is_branch_name
from minispaces_platform.parts import Parts
from minispaces_platform.quotas.service import refuse_more
from minispaces_platform.repos.changes import Change, Put, changed, check_changes, paths_of
from minispaces_platform.repos.doorkeeper import Opened, open_for_writing, refuse_when_full
from minispaces_platform.repos.inspection import ZERO, RefUpdate, choose_default_branch, inspect_push
from minispaces_platform.repos.landing import Landed, land, tip_of
from minispaces_platform.repos.quarantine import Quarantine, quarantine
from minispaces_platform.repos.sizes import within_quota
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.wording import tidy, typed

MESSAGE_MAX = 5_000
_GONE = "0 " + ZERO


class RefusedError(InvalidError):
    """What a pusher would have been told; `lines` are the words, code and hint as git shows them."""

    code = "refused"

    def __init__(self, lines: Sequence[str]) -> None:
        words = [line.partition(": ")[2] or line for line in lines]
        super().__init__(words[0][:1].upper() + words[0][1:] + ".", hint=" ".join(words[1:]))
        self.lines = tuple(lines)


@dataclass(frozen=True, slots=True)
class Committed:
    """`build_id` is the build that this started, None where nothing is deployed from `branch`."""

    commit: str
    branch: str
    build_id: str | None = None
    lines: list[str] = field(default_factory=list)


def commit(
    parts: Parts, space: Space, actor: Actor, changes: Sequence[Change], *, message: str,
    parent: str | None = None, branch: str = "",
) -> Committed:  # fmt: skip
    """`changes` on top of `branch` (the deployed one, unless said), the first commit of an empty repository included.
    A branch that is not there begins where the deployed one is.

    `parent` is the commit that somebody had before them: what has changed since is kept, and where it is one of the
    same files, ConflictError is raised. Raises RefusedError, InvalidError, NotFoundError, and as the doorkeeper does.
    Has its own transactions: call it outside of any.
    """
    opened = open_for_writing(actor, space)
    refuse_when_full(parts.settings)
    with parts.database.reading() as session:
        refuse_more(session, space)
    check_changes(changes, max_mb=parts.settings.max_push_mb)
    assert opened.space_id is not None  # noqa: S101 - what is written to is there
    if not is_branch_name(branch := branch or opened.default_branch):
        raise InvalidError(f"{branch[:80]!r} cannot be the name of a branch.", hint="Use A-Z a-z 0-9 . _ / and -.")
    with quarantine(parts.store, opened.space_id) as room:
        tip = tip_of(parts.store, opened.space_id, branch)
        if parent and tip and tip != parent:
            _refuse_overwriting(room, changes, seen=parent, tip=tip)
        base = tip or tip_of(parts.store, opened.space_id, opened.default_branch)
        tree = _write_tree(room, changes, tip=base)
        made = _write_commit(room, tree, tip=base, message=message, author=_author(actor, parts.settings))
        update = RefUpdate(tip or ZERO, made, f"refs/heads/{branch}")
        landed = publish(parts, opened, room, [update], actor=actor)
    return Committed(made, branch, landed.build_id if landed.deploys else None, landed.lines)


def publish(parts: Parts, opened: Opened, room: Quarantine, updates: list[RefUpdate], *, actor: Actor) -> Landed:
    """Objects in quarantine become part of the repository if inspection lets them. Raises RefusedError."""
    assert opened.space_id is not None and opened.user_id is not None  # noqa: S101, PT018 - of whoever may write
    verdict = inspect_push(
        updates, repository=room.repository, quarantine=str(room.folder), store=parts.store, settings=parts.settings,
        default_branch=choose_default_branch(opened.default_branch, updates, unborn=opened.unborn),
    )  # fmt: skip
    verdict = within_quota(parts, opened.space_id, verdict, quarantine=str(room.folder))
    if not verdict.accepted:
        raise RefusedError(verdict.lines)
    room.settle()
    room.move_refs(updates)
    return land(parts, opened.space_id, verdict, updates=updates, user_id=opened.user_id, carrier=actor.carrier)


def _refuse_overwriting(room: Quarantine, changes: Sequence[Change], *, seen: str, tip: str) -> None:
    for path in paths_of(changes):
        if _entry(room, seen, path) != _entry(room, tip, path):
            raise ConflictError(
                f"{path} was changed by somebody else since you opened it.", hint="Nothing was saved over it."
            )


def _entry(room: Quarantine, revision: str, path: str) -> bytes:
    try:
        return room.git("--literal-pathspecs", "ls-tree", "-z", "--full-tree", "--end-of-options", revision, path)
    except subprocess.CalledProcessError:
        raise ConflictError("The version that you opened is gone.", hint="Open the file again.") from None


def _write_tree(room: Quarantine, changes: Sequence[Change], *, tip: str | None) -> str:
    room.git("read-tree", *([tip] if tip else ["--empty"]))
    before = _staged(room)
    puts = [change for change in changes if isinstance(change, Put)]
    blobs = room.write_blobs((put.size, put.content) for put in puts) if puts else []
    after = changed(before, changes, iter(blobs))
    if after == before and tip:
        raise InvalidError("Nothing has changed.", hint="The files are already like that.")
    lines = [f"{_GONE}\t{path}" for path in before.keys() - after.keys()]
    lines += [f"{what}\t{path}" for path, what in after.items() if before.get(path) != what]
    room.git("update-index", "-z", "--index-info", stdin="".join(f"{line}\0" for line in lines).encode())
    return room.git("write-tree").decode().strip()


def _staged(room: Quarantine) -> dict[str, str]:
    """Mode and blob by path."""
    entries = (entry.partition("\t") for entry in room.git("ls-files", "-z", "--stage").decode().split("\0") if entry)
    return {path: head.rsplit(" ", 1)[0] for head, _, path in entries}


def _write_commit(room: Quarantine, tree: str, *, tip: str | None, message: str, author: dict[str, str]) -> str:
    parents = ("-p", tip) if tip else ()
    text = _message(message)
    return room.git("commit-tree", tree, *parents, stdin=text.encode(), **author).decode().strip()


def _message(text: str) -> str:
    """A title in one line, and below it what else was typed."""
    title, _, rest = typed(text, MESSAGE_MAX).partition("\n")
    return f"{tidy(title, 200) or 'Change files'}\n" + (f"\n{rest.strip()}\n" if rest.strip() else "")


def _author(actor: Actor, settings: PlatformSettings) -> dict[str, str]:
    """The address is nobody's mail: it only says who it was."""
    user: User | None = actor.user
    assert user is not None  # noqa: S101 - nobody may write
    name = tidy(user.full_name or user.name, 100).translate({ord(char): None for char in "<>"}) or user.name
    email = f"{user.name}@users.noreply.{settings.domain}"
    who = {"NAME": name, "EMAIL": email}
    return {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()}
