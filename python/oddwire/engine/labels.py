"""Files of labels, and which file on disk each labelled capture is."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path, PurePosixPath

from oddwire.errors import UsageError
from oddwire.learning.right_kinds import BENIGN
from oddwire.learning.scoring import Label
from oddwire.records.units import parse_time_ns

__all__ = ["entity", "places_of", "read_labels", "read_manifest", "seconds_of"]

NEEDED = ("capture", "kind", "attackers", "victims", "start", "end")
NS = 1_000_000_000


def read_labels(path: Path) -> list[Label]:
    """Return the labels of a file; columns that nobody knows are passed over."""
    rows = _rows(path, NEEDED)
    labels = []
    for at, row in enumerate(rows, 1):
        try:
            labels.append(_label(row, str(at)))
        except ValueError as error:
            raise UsageError(f"row {at}: {error}", where=str(path)) from None
    return labels


def _label(row: Mapping[str, str], number: str) -> Label:
    minutes = row.get("active_minutes") or ""
    return Label(
        row=row.get("row") or number,
        capture=row["capture"],
        kind=row["kind"].strip().lower(),
        group=row.get("group") or "",
        also=frozenset(_parts(row.get("also") or "")),
        attackers=frozenset(map(entity, _parts(row["attackers"]))),
        victims=frozenset(map(entity, _parts(row["victims"]))),
        start_s=seconds_of(row["start"]),
        end_s=seconds_of(row["end"]),
        first_s=seconds_of(row.get("first")),
        last_s=seconds_of(row.get("last")),
        active_minutes=int(minutes) if minutes else None,
        rest_is_benign=row.get("remainder") == BENIGN,
        label=row.get("label") or "",
    )


def read_manifest(path: Path) -> dict[str, Path]:
    """Return the file of each capture that a manifest names, as a path from the manifest's folder."""
    return {row["origin"]: Path(row["path"]) for row in _rows(path, ("path", "origin"))}


def _rows(path: Path, needed: Sequence[str]) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, restval="")
            missing = [name for name in needed if name not in (reader.fieldnames or ())]
            if missing:
                what = f"no column named {', '.join(missing)}"
                raise UsageError(what, where=str(path), hint="see docs/evaluation.md for the columns")
            return list(reader)
    except OSError as error:
        raise UsageError(error.strerror or str(error), where=str(path)) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"this is no CSV: {error}", where=str(path)) from None


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def entity(text: str) -> str:
    """Return an address or a hardware address in the one way it is compared in.

    >>> entity("00-0C-29-87-B6-45"), entity("2001:DB8:0::1")
    ('00:0c:29:87:b6:45', '2001:db8::1')
    """
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        return text.strip().lower().replace("-", ":")


def seconds_of(text: str | float | None) -> float | None:
    """Return a time as seconds since the epoch, whether it is written so or as ISO 8601.

    >>> seconds_of("12.5"), seconds_of("1970-01-01T00:00:12.5Z"), seconds_of("")
    (12.5, 12.5, None)
    """
    if text is None or text == "":
        return None
    try:
        return float(text)
    except ValueError:
        return parse_time_ns(str(text)) / NS


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ending:
    """A file by the parts of its path, the last first."""

    path: Path
    parts: tuple[str, ...]


def places_of(
    captures: Iterable[str], inputs: Sequence[Path], manifest: Mapping[str, Path], folder: Path | None
) -> dict[str, Path]:
    """Return the file of each capture that has one.

    A manifest says what a capture's file is called; without inputs it lies in the manifest's folder.
    Otherwise the file is the input whose path ends with the capture's name.
    """
    files = [_Ending(path=path, parts=path.parts[::-1]) for path in _files(inputs)]
    found: dict[str, Path] = {}
    for capture in captures:
        named = manifest.get(capture)
        if named is not None and not inputs and folder is not None:
            if (folder / named).is_file():
                found[capture] = folder / named
            continue
        path = _ending_with(PurePosixPath(named.as_posix() if named else capture), files, capture)
        if path is not None:
            found[capture] = path
    return found


def _ending_with(name: PurePosixPath, files: Sequence[_Ending], capture: str) -> Path | None:
    parts = name.parts[::-1]
    fitting = {one.path for one in files if one.parts[: len(parts)] == parts}
    if len(fitting) > 1:
        some = ", ".join(sorted(map(str, fitting))[:2])
        raise UsageError(
            f"'{capture}' may be {some}", hint="write more of the path into the labels, or use --manifest"
        )
    return next(iter(fitting), None)


def _files(inputs: Iterable[Path]) -> list[Path]:
    """Return the inputs with every file of a folder in its place."""
    files: list[Path] = []
    for one in inputs:
        if not one.exists():
            raise UsageError("no such file", where=str(one), hint="check the name")
        files += sorted(path for path in one.rglob("*") if path.is_file()) if one.is_dir() else [one]
    return [path.resolve() for path in files]
