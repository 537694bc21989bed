"""Python's own settings once the hub serves: nobody who wants little waits for those who want much."""

import gc
import sys

from starlette.testclient import TestClient

from minispaces_platform.app import create_app
from minispaces_platform.settings import PlatformSettings


def test_threads_take_short_turns_and_what_was_loaded_is_no_garbage(tmp_path):
    gc.unfreeze()
    with TestClient(create_app(PlatformSettings(data=tmp_path, redis_url="unix:///nonexistent/redis.sock"))):
        assert sys.getswitchinterval() < 0.001
        assert gc.get_freeze_count() > 10_000
