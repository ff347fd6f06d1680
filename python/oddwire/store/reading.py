"""One moment's state of a workspace, for a reader: from the index where it fits, else from the parts."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from oddwire.errors import StoreError
from oddwire.store import index as indexes
from oddwire.store.index import FILE, Index
from oddwire.store.manifest import Manifest, read_manifest
from oddwire.store.parts import plain_rows

__all__ = ["FEEDBACK", "FINDINGS", "RUNS", "SUPPRESSIONS", "TABLES", "current_index", "fill"]

RUNS, FINDINGS, SUPPRESSIONS, FEEDBACK = TABLES = ("runs", "findings", "suppressions", "feedback")
# How often a reader looks again while a writer is between its two steps.
LOOKS, PAUSE_S = 5, 0.02


@contextmanager
def current_index(folder: Path) -> Iterator[Index]:
    """Give an index that fits the manifest: the one on disk, else one made in memory."""
    path = folder / FILE
    for _ in range(LOOKS):
        manifest = read_manifest(folder)
        with indexes.open_index(path, write=False) as index:
            if index is not None and index.digest() == manifest.digest:
                yield index
                return
        if not manifest.generation or not path.exists():
            break
        time.sleep(PAUSE_S)
    with closing(_made_in_memory(folder)) as made:
        yield made


def _made_in_memory(folder: Path) -> Index:
    """Return an index of what the manifest names; looks again when a writer replaced a part meanwhile."""
    for _ in range(LOOKS):
        made, manifest = indexes.index_in_memory(), read_manifest(folder)
        try:
            fill(made, folder, manifest)
        except FileNotFoundError as failure:
            made.close()
            if read_manifest(folder) == manifest:
                raise StoreError("this part is gone", where=str(failure.filename)) from None
        else:
            return made
    raise StoreError("this workspace changes faster than it can be read", where=str(folder))


def fill(index: Index, folder: Path, manifest: Manifest) -> None:
    """Put all that a manifest names into an index, in place of what it holds."""
    tables = {name: plain_rows(folder, manifest.of(name)) for name in TABLES}
    index.replace_all(
        manifest.digest,
        runs=tables[RUNS],
        findings=tables[FINDINGS],
        rules=tables[SUPPRESSIONS],
        feedback=tables[FEEDBACK],
    )
