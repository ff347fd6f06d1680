"""The workspace: many read it, one writes it, and nobody ever sees half a change."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from hashlib import blake2b
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from oddwire.errors import StoreError, UsageError
from oddwire.store import index as indexes
from oddwire.store.index import Index
from oddwire.store.kept import Feedback, Found, Run, RunInput, Suppression, chosen, feedback_of, run_of
from oddwire.store.leftovers import remove_leftovers
from oddwire.store.lock import only_writer
from oddwire.store.manifest import Manifest, commit, read_manifest
from oddwire.store.parts import finding_rows, plain, plain_rows, read_part, write_part
from oddwire.store.reading import FEEDBACK, FINDINGS, RUNS, SUPPRESSIONS, current_index, fill

__all__ = ["Workspace"]

WAIT_S = 30.0
MOST_CANDIDATES = 9
# The log of verdicts grows by a part each time; so many parts are put together.
MOST_PARTS = 50


class Workspace:
    """What was found, kept in a folder. A folder that is not there is an empty workspace."""

    def __init__(self, folder: Path, held: ExitStack | None = None) -> None:
        self.folder = folder
        self._held = held

    @classmethod
    def open(cls, path: str | PathLike[str], *, write: bool, wait_s: float = WAIT_S) -> "Workspace":
        """Open a workspace; with `write` as its only writer, until it is closed."""
        folder = Path(path)
        if not write:
            return cls(folder)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with ExitStack() as stack:
                stack.enter_context(only_writer(folder, wait_s=wait_s))
                made = cls(folder, stack)
                made._tidy()
                made._held = stack.pop_all()
        except OSError as failure:
            raise StoreError(failure.strerror or str(failure), where=str(folder)) from failure
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the next writer in."""
        if self._held is not None:
            self._held.close()
            self._held = None

    def add_run(
        self, inputs: Sequence[RunInput], options: Mapping[str, Any], findings: Sequence[Mapping[str, Any]]
    ) -> str:
        """Keep what was found in some inputs; return the name of the run, which its content decides."""
        described = plain({"inputs": [asdict(one) for one in inputs], "options": dict(options)})
        lines = "\n".join(plain(one) for one in findings)
        run = blake2b(f"{described}\n{lines}".encode(), digest_size=8).hexdigest()
        if any(one.id == run for one in self.runs()):
            return run
        row = {
            "run": run,
            "inputs": json.dumps([asdict(one) for one in inputs], ensure_ascii=False),
            "options": plain(options),
            "findings": len(findings),
        }
        rows = finding_rows(run, findings)
        parts = [write_part(self.folder, FINDINGS, rows)] if rows else []
        parts.append(write_part(self.folder, RUNS, [row]))
        manifest = read_manifest(self.folder).with_parts(tuple(parts))
        self._commit(manifest)
        with self._own_index() as index:
            index.add(manifest.digest, runs=[row], findings=rows)
        return run

    def find(self, prefix: str) -> Found:
        """Return the one finding whose id begins so, with the latest run that found it."""
        prefix = prefix.strip().lower()
        with current_index(self.folder) as index:
            rows = index.by_prefix(prefix, MOST_CANDIDATES + 1)
        exact = [row for row in rows if row["id"] == prefix]
        row = chosen(prefix, exact or rows, where=str(self.folder))
        return Found(line=json.loads(row["line"]), run=run_of(row))

    def runs(self) -> list[Run]:
        """Return the runs in the order in which they were added."""
        with current_index(self.folder) as index:
            return [run_of(row) for row in index.runs()]

    def findings(
        self,
        *,
        run: str | None = None,
        kind: str | None = None,
        detector: str | None = None,
        severity: str | None = None,
        subject: str | None = None,
        incident: str | None = None,
        limit: int | None = None,
    ) -> list[dict[str, Any]]:
        """Return the lines of the findings that meet all conditions, in the order in which they came."""
        most = -1 if limit is None else limit
        with current_index(self.folder) as index:
            rows = index.search(
                run=run,
                kind=kind,
                detector=detector,
                severity=severity,
                subject=subject,
                incident=incident,
                limit=most,
            )
        return [json.loads(row["line"]) for row in rows]

    def suppressions(self) -> list[Suppression]:
        """Return the rules of what need not be raised."""
        with current_index(self.folder) as index:
            return [Suppression(number=row["number"], rule=json.loads(row["rule"])) for row in index.rules()]

    def suppress(self, rule: Mapping[str, Any]) -> int:
        """Keep a rule and return its number; the same rule twice is one."""
        there = self.suppressions()
        for one in there:
            if one.rule == rule:
                return one.number
        number = 1 + max((one.number for one in there), default=0)
        self._replace_rules([*there, Suppression(number=number, rule=dict(rule))])
        return number

    def unsuppress(self, number: int) -> Suppression:
        """Drop a rule and return it."""
        there = self.suppressions()
        for one in there:
            if one.number == number:
                self._replace_rules([other for other in there if other is not one])
                return one
        raise UsageError(f"there is no suppression {number}", hint="see `oddwire suppress --list`")

    def _replace_rules(self, rules: Sequence[Suppression]) -> None:
        rows = [{"number": one.number, "rule": plain(one.rule)} for one in rules]
        parts = (write_part(self.folder, SUPPRESSIONS, rows),) if rows else ()
        manifest = read_manifest(self.folder).with_parts(parts, without=SUPPRESSIONS)
        self._commit(manifest)
        with self._own_index() as index:
            index.replace_rules(manifest.digest, rows)
        self._tidy()

    def feedback(self) -> list[Feedback]:
        """Return the log of verdicts, in the order in which they came."""
        with current_index(self.folder) as index:
            return [feedback_of(row) for row in index.feedback()]

    def add_feedback(self, id: str, verdict: str, note: str, line: Mapping[str, Any]) -> int:  # noqa: A002  # a finding's
        """Add an entry to the log of verdicts and return its number; nothing is ever taken out of it."""
        number = 1 + max((one.number for one in self.feedback()), default=0)
        row = {"number": number, "id": id, "verdict": verdict, "note": note, "line": plain(line)}
        manifest = read_manifest(self.folder)
        earlier = manifest.of(FEEDBACK)
        if len(earlier) < MOST_PARTS:
            manifest = manifest.with_parts((write_part(self.folder, FEEDBACK, [row]),))
        else:
            rows = [*plain_rows(self.folder, earlier), row]
            manifest = manifest.with_parts((write_part(self.folder, FEEDBACK, rows),), without=FEEDBACK)
        self._commit(manifest)
        with self._own_index() as index:
            index.add_feedback(manifest.digest, [row])
        self._tidy()
        return number

    def rebuild_index(self) -> None:
        """Make the index anew from the parts, in the same file where that can still be used."""
        import sqlite3

        self._writing()
        path, manifest = self.folder / indexes.FILE, read_manifest(self.folder)
        for fresh in (False, True):
            if fresh:
                indexes.fresh_index(path)
            with indexes.open_index(path, write=True) as index:
                try:
                    if index is not None:
                        fill(index, self.folder, manifest)
                        return
                except sqlite3.Error:
                    continue
        raise StoreError("the index cannot be made", where=str(path))

    def check(self) -> list[str]:
        """Return what is wrong, a line each; whoever only reads may ask, and nothing is changed."""
        manifest = read_manifest(self.folder)
        problems = []
        for part in manifest.parts:
            try:
                if read_part(self.folder, part).height != part.rows:
                    problems.append(f"{part.name}: the manifest counts other rows")
            except FileNotFoundError:
                problems.append(f"{part.name}: this part is gone")
            except StoreError as failure:
                problems.append(f"{part.name}: {failure.message}")
        with indexes.open_index(self.folder / indexes.FILE, write=False) as index:
            if manifest.generation and (index is None or index.digest() != manifest.digest):
                problems.append(f"{indexes.FILE}: not of this state; the next writer makes it anew")
        return problems

    def _commit(self, manifest: Manifest) -> None:
        self._writing()
        commit(self.folder, manifest)

    def _writing(self) -> None:
        if self._held is None:
            raise StoreError("this workspace was opened for reading", where=str(self.folder))

    def _tidy(self) -> None:
        """Remove what a stopped writer left and parts that were replaced; see that the index fits."""
        self._writing()
        manifest = read_manifest(self.folder)
        remove_leftovers(self.folder, manifest)
        with indexes.open_index(self.folder / indexes.FILE, write=True) as index:
            current = index is not None and index.digest() == manifest.digest
        if not current:
            self.rebuild_index()

    @contextmanager
    def _own_index(self) -> Iterator[Index]:
        """Open the index for a change that the manifest has already; the next writer mends a failure."""
        import sqlite3

        path = self.folder / indexes.FILE
        with indexes.open_index(path, write=True) as index:
            if index is None:
                raise StoreError("the index is gone", where=str(path), hint="the next command makes it anew")
            try:
                yield index
            except sqlite3.Error as failure:
                raise StoreError(f"the index cannot be written: {failure}", where=str(path)) from failure
