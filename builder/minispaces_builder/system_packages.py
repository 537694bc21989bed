"""packages.txt: Debian packages that the app needs."""

import re

from minispaces_builder.errors import BuildError
from minispaces_builder.recipes.plan import Files
from minispaces_builder.requirements import MAX_BYTES, decode, logical_lines

FILE = "packages.txt"
MAX_PACKAGES = 500
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]*(?::[a-z0-9-]+)?(?:=[A-Za-z0-9.+:~-]+)?")
_RENAMED = {"libgl1-mesa-glx": "libgl1"}
"""Names that newer Debian releases dropped, and what they stood for."""


def read_system_packages(files: Files) -> tuple[str, ...]:
    """Sorted names. Raises BuildError: these words become arguments of apt-get, run as root in the build."""
    if FILE not in files.names:
        return ()
    names: set[str] = set()
    for number, line in logical_lines(decode(files.read(FILE, limit=MAX_BYTES)[:MAX_BYTES], FILE)):
        for word in line.split():
            if not _NAME.fullmatch(word):
                raise BuildError(f"{FILE} line {number}: {word[:100]!r} is not the name of a Debian package.")
            names.add(_RENAMED.get(word, word))
    if len(names) > MAX_PACKAGES:
        raise BuildError(f"{FILE} names more than {MAX_PACKAGES} packages.")
    return tuple(sorted(names))
