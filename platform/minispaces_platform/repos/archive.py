"""One commit's files as a tar stream: what a builder gets, and all it gets."""

import subprocess

from minispaces_platform.repos.store import RepositoryStore


def open_archive(store: RepositoryStore, space_id: str, commit: str) -> "subprocess.Popen[bytes]":
    """`git archive` running, its output to be read; hand it to `stop_archive` in the end."""
    argv = ["git", "--git-dir", str(store.path(space_id)), "archive", "--format=tar", commit]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, env=store.environment)


def stop_archive(archive: "subprocess.Popen[bytes]") -> None:
    """Whether it was read to its end or not."""
    archive.kill()
    archive.communicate()
