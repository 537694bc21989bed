"""Whether there is room for another build."""

import shutil
from pathlib import Path

from minispaces_builder.errors import BuildError

_FLOOR_SHARE = 0.05


def check_free_disk(data: Path, *, floor_gb: float) -> None:
    """Raises BuildError."""
    usage = shutil.disk_usage(data)
    if refuses(usage.free, usage.total, floor_gb=floor_gb):
        raise BuildError(
            f"The server's disk is nearly full ({usage.free / 1e9:.1f} GB free), so no build was started. "
            "What runs goes on running; ask the administrator to free some space, then restart the build."
        )


def refuses(free: int, total: int, *, floor_gb: float) -> bool:
    """Less than the floor, or than 5 %; on a large disk 20 GB are room enough."""
    return free < floor_gb * 1e9 or free < min(total * _FLOOR_SHARE, 20e9)
