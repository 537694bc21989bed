"""Which browser takes pictures of apps: the builder starts it, the hub says whether there is one."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome-headless-shell")


def find_browser(chosen: str, environ: Mapping[str, str] = os.environ) -> Path | None:
    """`chosen` is the setting: a path, `none`, or empty for the first one on the path."""
    if chosen == "none":
        return None
    wanted = (chosen,) if chosen else _BROWSERS
    found = next((path for name in wanted if (path := shutil.which(name, path=environ.get("PATH")))), None)
    return Path(found) if found else None
