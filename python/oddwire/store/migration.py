"""From what older versions wrote to what this one reads: one step a version."""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeAlias

from oddwire.errors import StoreError

__all__ = ["STEPS", "VERSION", "migrate"]

# The version of the workspace: of its manifest, of its parts and of its index.
VERSION = 2
Step: TypeAlias = Callable[[Path, Mapping[str, Any]], dict[str, Any]]


def migrate(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return a manifest in today's form; nothing is written, the next change writes it."""
    version = manifest["version"]
    if version > VERSION:
        raise StoreError(
            f"this workspace has version {version}, and this Oddwire knows up to {VERSION}",
            where=str(folder),
            hint="update Oddwire, or choose another folder with --store",
        )
    table = dict(manifest)
    while table["version"] < VERSION:
        version = table["version"]
        table = STEPS[version](folder, table) | {"version": version + 1}
    return table


def _from_0(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Version 0 named its parts and counted nothing: rows and hashes come from the files themselves."""
    import polars as pl

    parts = []
    for name in manifest["parts"]:
        content = (folder / name).read_bytes()
        rows = pl.read_parquet(content).height
        parts.append({"name": name, "rows": rows, "blake2b": blake2b(content, digest_size=32).hexdigest()})
    return {"generation": len(parts), "parts": parts}


def _from_1(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Version 1 kept no feedback; its parts are as they were, only its index is made anew."""
    _ = folder
    return dict(manifest)


# From which version: how to get to the next one.
STEPS: dict[int, Step] = {0: _from_0, 1: _from_1}
