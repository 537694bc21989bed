"""What differs between two versions besides their files: what their front matter asked for, what was built. Pure."""

from dataclasses import dataclass

from minispaces_platform.models.builds import Build
from minispaces_platform.wording import seconds, size

_NOTHING = "not set"


@dataclass(frozen=True, slots=True)
class SettingChange:
    what: str
    before: str
    after: str


def setting_changes(old: Build, new: Build) -> tuple[SettingChange, ...]:
    before, after = _settings(old), _settings(new)
    return tuple(SettingChange(what, before[what], after[what]) for what in before if before[what] != after[what])


def _settings(build: Build) -> dict[str, str]:
    """In words, in the order in which they are shown."""
    config, artifact = build.revision.config, build.artifact
    ended = build.finished_at and build.started_at
    took = (build.finished_at - build.started_at).total_seconds() if ended else None  # type: ignore[operator]
    return {
        "SDK": config.sdk or _NOTHING,
        "SDK version": config.sdk_version or _NOTHING,
        "Python": config.python_version or (artifact.python if artifact and artifact.python else _NOTHING),
        "App file": config.app_file or _NOTHING,
        "Port": str(config.app_port or _NOTHING),
        "Open dependencies as of": config.dependencies_as_of or _NOTHING,
        "Time to start": seconds(config.startup_seconds),
        "Branch": build.revision.branch,
        "Build time": seconds(took) if took is not None else _NOTHING,
        "Size": size(artifact.size_bytes) if artifact and artifact.size_bytes else _NOTHING,
    }
