"""Files that are whole or not there: temporary name, sync, rename, sync of the folder."""

import os
from pathlib import Path

from oddwire.errors import StoreError

__all__ = ["UNFINISHED", "write_whole"]

# How names of files end that a writer has not finished; whoever finds one may remove it.
UNFINISHED = ".unfinished"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that others see the old content or the new, whatever happens meanwhile."""
    unfinished = path.with_name(path.name + UNFINISHED)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        _sync_folder(path.parent)
    except OSError as failure:
        raise StoreError(failure.strerror or str(failure), where=str(path)) from failure


def _sync_folder(folder: Path) -> None:
    """Make a rename last; systems that cannot open a folder do that by themselves."""
    if os.name != "posix":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
