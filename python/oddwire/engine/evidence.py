"""From the name of a finding to its packets: find it, find its captures again, copy what it stands on."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oddwire import native
from oddwire.engine.analysis import selector_rows
from oddwire.errors import CaptureError, CaptureNotFound, OutputError, UsageError
from oddwire.features.incidents import incidents_of
from oddwire.records.finding import Finding, finding_of
from oddwire.records.incident import Incident
from oddwire.store.kept import Run, RunInput, chosen
from oddwire.store.workspace import Workspace

__all__ = ["INCIDENT", "Carved", "Located", "carve", "incident", "locate"]

# What the name of an incident begins with; no finding's does.
INCIDENT = "i-"
CAPTURE_ENDINGS = (".pcap", ".pcapng")
MOVED = "name it where it is now with --input FILE"


@dataclass(frozen=True, kw_only=True, slots=True)
class Located:
    """A finding, its line as it was written, and where its captures may be."""

    finding: Finding
    line: Mapping[str, Any]
    run: Run | None
    folders: tuple[Path, ...] = ()

    @property
    def inputs(self) -> tuple[RunInput, ...]:
        """The inputs: of the run, else as the finding itself tells them."""
        if self.run is not None:
            return self.run.inputs
        told = self.finding.provenance or {}
        return tuple(
            RunInput(name=one["name"], path=None, blake3=one["blake3"], packets=one["packets"])
            for one in told.get("input", ())
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Carved:
    """How many packets were written, and how many the finding counts (None: of the others nobody knows)."""

    written: int
    counted: int | None


def locate(prefix: str, *, store: Path, findings: Path | None = None) -> Located:
    """Return the one finding whose id begins so: of a file of JSON lines, else of the workspace."""
    if findings is None:
        found = Workspace.open(store, write=False).find(prefix)
        return Located(finding=finding_of(found.line), line=found.line, run=found.run)
    line = _in_file(prefix, findings)
    return Located(finding=finding_of(line), line=line, run=None, folders=(Path(), findings.parent))


def incident(name: str, *, store: Path, findings: Path | None = None) -> Incident:
    """Return the incident of that name: of a file of JSON lines, else of the workspace."""
    name = name.strip().lower()
    if findings is None:
        lines = Workspace.open(store, write=False).findings(incident=name)
    else:
        lines = [line for line in _lines(findings) if line["incident"] == name]
    # Of a finding that several runs hold, the latest counts.
    found = incidents_of([finding_of(line) for line in {line["id"]: line for line in lines}.values()])
    if not found:
        where = str(store if findings is None else findings)
        raise UsageError(f"there is no incident '{name}'", where=where, hint="its whole name is needed")
    return found[0]


def carve(located: Located, out: Path, *, named: Sequence[Path] = (), others: bool = False) -> Carved:
    """Copy exactly the packets of a finding to a capture file, or all the others."""
    finding = located.finding
    if not finding.selectors:
        raise UsageError("this finding names no packets", where=finding.id)
    if out.suffix not in CAPTURE_ENDINGS:
        raise UsageError(f"'{out}' does not say its format", hint="let it end in .pcap or .pcapng")
    options = dict(located.run.options) if located.run is not None else {}
    wanted = _wanted(located, whole=others or bool(options.get("dedupe")))
    hashed = _hashed(named)
    inputs = [_file_of(one, located.folders, hashed) for one in wanted]
    if any(out.exists() and out.samefile(one) for one in inputs):
        raise UsageError("this is the capture itself", where=str(out), hint="write to another file")
    unfinished = out.with_name(f"{out.stem}.unfinished{out.suffix}")
    try:
        written = native.copy_packets(
            inputs, selector_rows(finding.selectors), unfinished, native.Options(**options), others=others
        )
        unfinished.replace(out)
    except OSError as failure:
        if isinstance(failure, (CaptureError, OutputError)):
            raise
        raise OutputError(failure.strerror or str(failure), where=str(out)) from failure
    finally:
        unfinished.unlink(missing_ok=True)
    counted = None if others else sum(one.count for one in finding.packets)
    return Carved(written=written, counted=counted)


def _in_file(prefix: str, path: Path) -> dict[str, Any]:
    """Return the one finding of a file whose id begins so; the last of equal ones counts."""
    prefix = prefix.strip().lower()
    there = {line["id"]: line for line in _lines(path) if line["id"].startswith(prefix)}
    rows = [{"id": name, "title": line["title"]} for name, line in there.items()]
    row = chosen(prefix, [row for row in rows if row["id"] == prefix] or rows, where=str(path))
    return there[row["id"]]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        text = path.read_bytes().decode()
    except OSError as failure:
        raise UsageError(failure.strerror or str(failure), where=str(path)) from None
    except UnicodeDecodeError:
        raise UsageError("this is no text", where=str(path)) from None
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            value = json.loads(line)
            finding_of(value)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            raise UsageError(f"line {number} is no finding", where=str(path)) from None
        yield value


def _wanted(located: Located, *, whole: bool) -> list[RunInput]:
    """Return the inputs that hold the packets; all of them where what is left out matters too."""
    names = {one.input for one in located.finding.packets}
    inputs = [one for one in located.inputs if whole or one.name in names or not names]
    if not inputs:
        raise UsageError("nobody knows from which capture this finding is", where=located.finding.id)
    for one in inputs:
        if one.blake3 is None:
            raise UsageError(
                f"'{one.name}' was a stream, and its packets are gone",
                where=located.finding.id,
                hint="save the stream to a file and analyse that",
            )
    return inputs


def _file_of(one: RunInput, folders: Sequence[Path], named: Mapping[str | None, Path]) -> Path:
    """Return where an input is now; its content must be what was analysed."""
    if named:
        if one.blake3 not in named:
            given = ", ".join(str(path) for path in named.values())
            raise CaptureError(
                f"the content is not that of '{one.name}', which was analysed", where=given, hint=MOVED
            )
        return named[one.blake3]
    places = [Path(one.path)] if one.path is not None else [folder / one.name for folder in folders]
    there = [place for place in places if place.is_file()]
    if not there:
        where = str(places[0] if places else one.name)
        raise CaptureNotFound("the capture that was analysed is not there any more", where=where, hint=MOVED)
    for place in there:
        if _blake3(place) == one.blake3:
            return place
    raise CaptureError("the content has changed since it was analysed", where=str(there[0]), hint=MOVED)


def _hashed(named: Sequence[Path]) -> dict[str | None, Path]:
    return {_blake3(path): path for path in named}


def _blake3(path: Path) -> str:
    """Return the hash of a capture's bytes, as the core takes it while it reads."""
    _, seen = native.summarise([path], top=1, describe=False, options=native.Options(hash=True))
    return str(seen["inputs"][0]["blake3"])
