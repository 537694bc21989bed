"""Whether this machine and its administrator let apps be forked."""

from pathlib import Path

from minispaces_runner.settings import RunnerSettings

_SWITCHES = {
    "kernel/unprivileged_userns_clone": "0",
    "kernel/apparmor_restrict_unprivileged_userns": "1",
    "user/max_user_namespaces": "0",
}
"""Below /proc/sys, with the values that keep a fork server from making its children a jail."""


def why_not(settings: RunnerSettings, *, privileged: bool, switches: Path = Path("/proc/sys")) -> str | None:
    """In words for people; None where there can be fork servers."""
    if settings.fork_servers == "off":
        return "switched off"
    if not privileged:
        return "they need root"
    for name, value in _SWITCHES.items():
        file = switches / name
        if file.exists() and file.read_text().strip() == value:
            return f"{name.replace('/', '.')} is {value}"
    return None
