"""Who changed each line last."""

from dataclasses import dataclass

from minispaces_platform.files.address import Place
from minispaces_platform.files.queries import Commit, parse_commits
from minispaces_platform.repos.reading import Repository, ask


@dataclass(frozen=True, slots=True)
class Blamed:
    """Lines that follow each other and have one last commit; `first` is the number of the first."""

    commit: Commit
    first: int
    lines: int


def blame(repository: Repository, place: Place) -> list[Blamed]:
    answer = ask(repository, "blame", "--porcelain", place.commit, "--", place.path)
    return parse_blame(answer.text)


def parse_blame(text: str) -> list[Blamed]:
    """`git blame --porcelain`: a header per group of lines, what is known of a commit at its first group."""
    known, found = dict[str, dict[str, str]](), list[Blamed]()
    groups = list[tuple[str, int, int]]()
    sha = ""
    for line in text.split("\n"):
        if line.startswith("\t"):
            continue
        key, _, value = line.partition(" ")
        numbers = value.split()
        if len(key) == 40 and numbers and numbers[0].isdecimal():  # noqa: PLR2004 - hex digits of a commit
            sha = key
            known.setdefault(sha, {})
            if len(numbers) == 3:  # noqa: PLR2004 - only a group's first line says how many there are
                groups.append((sha, int(numbers[1]), int(numbers[2])))
        elif sha:
            known[sha][key] = value
    commits = {sha: _commit(sha, facts) for sha, facts in known.items()}
    for sha, first, count in groups:
        found.append(Blamed(commits[sha], first, count))
    return found


def _commit(sha: str, facts: dict[str, str]) -> Commit:
    fields = (sha, "", facts.get("author", ""), facts.get("author-time", "0"), facts.get("summary", ""), "")
    return parse_commits("\0".join(fields))[0]
