"""Files from a form: one zip archive, a folder, or several files."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from starlette.datastructures import UploadFile

from minispaces_platform.creating.archives import files_of_zip, is_litter, without_top_folder
from minispaces_platform.errors import InvalidError
from minispaces_platform.repos.changes import Put
from minispaces_platform.settings import PlatformSettings

MOST_UPLOADED: Final = 2_000


@contextmanager
def uploaded(files: Sequence[UploadFile], settings: PlatformSettings) -> Iterator[list[Put]]:
    """What was uploaded, for as long as it is needed. Raises InvalidError."""
    given = [file for file in files if file.filename]
    with TemporaryDirectory(prefix="minispaces-upload-") as folder:
        puts = _read(given, Path(folder), settings)
        if not puts:
            raise InvalidError("There are no files in this.", hint="Choose a folder, some files or a zip archive.")
        yield without_top_folder(puts)


def _read(files: Sequence[UploadFile], folder: Path, settings: PlatformSettings) -> list[Put]:
    if len(files) == 1 and (files[0].filename or "").lower().endswith(".zip"):
        return files_of_zip(files[0].file, folder=folder, settings=settings)
    named = [((file.filename or "").removeprefix("./"), file.file) for file in files]
    return [Put(path, content) for path, content in named if not is_litter(path)]
