"""Names of owners, Spaces and branches, and the host label made of them: decided here and nowhere else."""

import hashlib
import re

from minispaces_platform.errors import InvalidError

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?", re.ASCII)
_BRANCH = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._/-]{0,198}[A-Za-z0-9_-])?", re.ASCII)
_RESERVED = frozenset(
    {"admin", "api", "apps", "assets", "aux", "con", "health", "healthz", "hub", "internal", "login", "logout"}
    | {"metrics", "new", "nul", "oauth", "prn", "readyz", "settings", "setup", "spaces", "static", "www"}
)
_FIRST_SEGMENTS = frozenset(
    {"account", "accounts", "audit", "avatars", "collections", "datasets", "device", "docs", "enter", "events"}
    | {"embed.js"}
    | {"explore", "favicon.ico", "help", "join", "models", "organization", "organizations", "people", "robots.txt"}
    | {"new-space", "notifications", "search", "sign-in", "sign-out", "team", "tokens", "users", "whoami"}
)
"""Where addresses of the hub begin or may begin one day: no owner's name, but a fine one for a Space."""
_LABEL_MAX = 57
"""63 bytes of a DNS label, less `--7887` for hosts that name a port (hf-compat 2.13)."""


def check_name(name: str, *, what: str) -> str:
    """Raises InvalidError unless `name` may be a user's or a Space's. `what` is the word for the message."""
    if (
        not _NAME.fullmatch(name)
        or name.lower() in _RESERVED
        or "--" in name
        or ".." in name
        or name.lower().startswith("xn--")
        or name.lower().endswith((".git", ".lock"))
    ):
        raise InvalidError(
            f"{name[:80]!r} cannot be the name of a {what}.",
            hint="1 to 63 letters, digits, '.', '_' or '-'; a letter or digit at both ends; no '--' or '..'.",
        )
    return name


def check_owner_name(name: str, *, what: str) -> str:
    """Raises InvalidError unless `name` may be a person's or an organisation's: the hub's addresses begin with it."""
    if name.lower() in _FIRST_SEGMENTS:
        raise InvalidError(f"The name {name!r} is kept for pages of the hub.", hint="Choose another one.")
    return check_name(name, what=what)


def is_branch_name(name: str) -> bool:
    """An allow-list narrower than git's own (security F13): git takes `$(id)` and `--upload-pack=x` for branches."""
    parts = name.split("/")
    return (
        _BRANCH.fullmatch(name) is not None
        and ".." not in name
        and all(part and part[0] not in ".-" and not part.endswith((".lock", ".")) for part in parts)
        and name.upper() != "HEAD"
        and parts[0] != "refs"
    )


def host_label(owner: str, name: str, *, taken: bool = False) -> str:
    """The app's host label for `owner/name`; `taken` makes the one for a name whose plain label is another Space's."""
    full = f"{owner}/{name}".lower()
    label = re.sub(r"-+", "-", re.sub(r"[^a-z0-9-]", "-", full)).strip("-")
    mark = hashlib.sha256(full.encode()).hexdigest()[:6]
    if taken or label in _RESERVED or len(label) > _LABEL_MAX:
        return f"{label[: _LABEL_MAX - 7].rstrip('-')}-{mark}"
    return label
