"""Whether there is room for another build."""

from pathlib import Path

from minispaces_builder.errors import BuildError
from minispaces_contract.disk import gigabytes_free_when_full


def check_free_disk(data: Path, *, floor_gb: float) -> None:
    """Raises BuildError."""
    free = gigabytes_free_when_full(data, floor_gb=floor_gb)
    if free is not None:
        raise BuildError(
            f"The server's disk is nearly full ({free:.1f} GB free), so no build was started. "
            "What runs goes on running; ask the administrator to free some space, then restart the build."
        )
