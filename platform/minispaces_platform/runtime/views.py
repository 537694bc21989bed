"""What programs are told of a Space and its app, in the Hub's words (hf-compat 3.9). Pure."""

from datetime import datetime
from typing import Any

from minispaces_contract.states import Stage
from minispaces_platform.deployments.world import host_of
from minispaces_platform.models.roles import Visibility
from minispaces_platform.models.sleeping import SleepSetting
from minispaces_platform.runtime.words import FAILED
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.sleeping.rules import sleep_seconds
from minispaces_platform.sleeping.warm import windows
from minispaces_platform.spaces.queries import SpaceNow
from minispaces_platform.spaces.views import trouble_of

_TOLD = {Stage.RUNNING, Stage.APP_STARTING, Stage.RUNNING_APP_STARTING}
"""With a word about what it waits for, or why it had to be started again."""


def stage_for_programs(now: SpaceNow) -> Stage:
    """The Hub has no word for what an administrator took down."""
    return Stage.PAUSED if now.space.taken_down_at else now.stage


def runtime_of(
    now: SpaceNow, setting: SleepSetting | None, settings: PlatformSettings, *, at: datetime
) -> dict[str, Any]:
    """`version`, `keptWarm`, `notice` and `gpuQueue` are ours."""
    stage = stage_for_programs(now)
    body = {
        "stage": stage.value,
        "hardware": {
            "current": now.serving.hardware.name if now.serving else None,
            "requested": now.space.hardware.name,
        },
        "storage": None,
        "gcTimeout": sleep_seconds(setting, settings),
        "replicas": {"current": 1 if now.serving else 0, "requested": 1},
        "devMode": False,
        "domains": [{"domain": host_of(now.space, settings), "stage": "READY"}],
        "version": now.opens.version if now.opens else None,
        "keptWarm": _kept_warm(setting, at),
        "gpuQueue": {"position": now.gpu.position, "waitSeconds": round(now.gpu.seconds)} if now.gpu else None,
    }
    if now.opens:
        body["sha"] = now.opens.commit
    if stage in FAILED or now.space.taken_down_at:
        body["errorMessage"] = trouble_of(now).text
    elif stage in _TOLD and now.newest and now.newest.detail:
        body["notice"] = now.newest.detail
    return body


def detail_of(now: SpaceNow, runtime: dict[str, Any], settings: PlatformSettings) -> dict[str, Any]:
    space, card = now.space, now.space.card
    host = host_of(space, settings)
    return {
        "_id": space.id,
        "id": space.full_name,
        "author": space.owner.name,
        "sha": now.build.revision.commit if now.build else None,
        "createdAt": moment(space.created_at),
        "lastModified": moment(space.updated_at),
        "private": space.visibility is not Visibility.PUBLIC,
        "gated": False,
        "disabled": space.taken_down_at is not None,
        "host": settings.url_of(host),
        "subdomain": space.host_label,
        "likes": space.likes,
        "sdk": card.sdk.value if card.sdk else None,
        "tags": [card.sdk.value] if card.sdk else [],
        "runtime": runtime,
    }


def moment(at: datetime) -> str:
    """The one spelling that the Hub's clients read."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _kept_warm(setting: SleepSetting | None, at: datetime) -> dict[str, str] | None:
    """The time that lasts, else the next one soon."""
    found = windows(setting.warm.times if setting else (), at)
    return {"from": moment(found[0][0]), "until": moment(found[0][1])} if found else None
