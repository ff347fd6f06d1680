"""What a stopped writer left behind, and parts that were replaced; never a file of somebody else's."""

import re
from pathlib import Path

from oddwire.store.durable import UNFINISHED
from oddwire.store.manifest import FILE, Manifest
from oddwire.store.reading import TABLES

__all__ = ["remove_leftovers"]

# Only names that a writer gives: the folder may hold other things, such as the captures themselves.
OURS = re.compile(rf"[0-9a-f]{{24}}\.parquet(?:{re.escape(UNFINISHED)})?")


def remove_leftovers(folder: Path, manifest: Manifest) -> None:
    """Remove the files of a workspace that its manifest does not name."""
    named = {part.name for part in manifest.parts}
    for table in TABLES:
        for path in (folder / table).glob("*"):
            if OURS.fullmatch(path.name) and f"{table}/{path.name}" not in named:
                path.unlink(missing_ok=True)
    (folder / (FILE + UNFINISHED)).unlink(missing_ok=True)
