"""The first label of a preview's host name. Pure: names come in as people push them, and leave as DNS takes them."""

import hashlib
import re
from typing import Final

_MOST: Final = 63
_MARK: Final = 6
_ROOM: Final = 14
"""So many letters at least say which preview it is; then come `--` and the Space's own label, as far as they fit."""
_LIKE_A_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_MISREAD: Final = 2
"""Two letters before `--` are how internationalised names begin (`xn--`): resolvers refuse the others."""


def commit_label(commit: str, host_label: str, *, digits: int = 7) -> str:
    return _joined(commit[:digits], host_label)


def branch_label(branch: str, host_label: str, *, taken: bool = False) -> str:
    """Readable where it can be. `taken` makes the one for a name whose plain label is another branch's."""
    plain = re.sub(r"-+", "-", re.sub(r"[^a-z0-9]", "-", branch.lower())).strip("-")
    room = max(_MOST - len(f"--{host_label}"), _ROOM)
    odd = len(plain) <= _MISREAD or len(plain) > room or _LIKE_A_COMMIT.fullmatch(plain)
    if taken or odd:
        plain = f"{plain[: room - _MARK - 1].rstrip('-')}-{_mark(branch)}".lstrip("-")
    return _joined(plain, host_label)


def _joined(prefix: str, host_label: str) -> str:
    label = f"{prefix}--{host_label}"
    return label if len(label) <= _MOST else f"{label[: _MOST - _MARK - 1].rstrip('-')}-{_mark(label)}"


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_MARK]
