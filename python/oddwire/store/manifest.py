"""The manifest of a workspace: its parts. It changes in one step, and so does the workspace."""

import json
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from oddwire.errors import StoreError
from oddwire.store.durable import write_whole
from oddwire.store.migration import VERSION, migrate

__all__ = ["FILE", "Manifest", "Part", "commit", "read_manifest"]

FILE = "manifest.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One file of a table; its name holds its content's hash."""

    name: str
    rows: int
    blake2b: str

    @property
    def table(self) -> str:
        """The table that it belongs to: the folder that it lies in."""
        return self.name.partition("/")[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """All parts, in the order in which they came; `generation` counts the changes."""

    generation: int = 0
    parts: tuple[Part, ...] = ()

    def of(self, table: str) -> list[Part]:
        """Return the parts of one table."""
        return [part for part in self.parts if part.table == table]

    def with_parts(self, parts: tuple[Part, ...], *, without: str | None = None) -> "Manifest":
        """Return the next manifest: with more parts, and without the old ones of a table that is replaced."""
        kept = tuple(part for part in self.parts if part.table != without)
        return Manifest(generation=self.generation + 1, parts=kept + parts)

    @property
    def digest(self) -> str:
        """What stands for this state, and no other."""
        return blake2b(_bytes(self), digest_size=16).hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """Return what the workspace consists of now; a folder without a manifest is an empty one.

    What an older version wrote is understood, without writing anything.
    """
    path = folder / FILE
    try:
        table: dict[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError:
        return Manifest()
    except OSError as failure:
        raise StoreError(failure.strerror or str(failure), where=str(path)) from failure
    except ValueError:
        raise StoreError("this is no manifest of a workspace", where=str(path)) from None
    try:
        table = migrate(folder, table)
        manifest = Manifest(generation=table["generation"])
        return replace(manifest, parts=tuple(Part(**one) for one in table["parts"]))
    except (AttributeError, KeyError, TypeError):
        raise StoreError("this is no manifest of a workspace", where=str(path)) from None


def commit(folder: Path, manifest: Manifest) -> None:
    """Make a manifest the one that everybody reads from now on."""
    write_whole(folder / FILE, _bytes(manifest))


def _bytes(manifest: Manifest) -> bytes:
    parts = [{"name": one.name, "rows": one.rows, "blake2b": one.blake2b} for one in manifest.parts]
    table = {"version": VERSION, "generation": manifest.generation, "parts": parts}
    return (json.dumps(table, indent=1) + "\n").encode()
